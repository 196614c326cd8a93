package io.asyncjobs.setting;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.HttpHeaders;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** The system setting over HTTP. */
@Path("/api/v1/settings/async-job-manager")
@Tag(name = "settings", description = "What the service is within the product around it")
public class SettingsResource {

    private final Settings settings;

    SettingsResource(Settings settings) {
        this.settings = settings;
    }

    @GET
    @Operation(
            operationId = "getSetting",
            summary = "Read the system setting",
            description = "Name, type and roles of the Async Job Manager, and whether it is enabled.")
    @APIResponse(responseCode = "200", description = "The setting")
    @APIResponse(responseCode = "304", description = "The state is the one that If-None-Match names")
    public RestResponse<SettingView> get(@HeaderParam(HttpHeaders.IF_NONE_MATCH) @Nullable String ifNoneMatch) {
        return settings.get().unlessKnown(ifNoneMatch);
    }

    @PUT
    @Operation(
            operationId = "replaceSetting",
            summary = "Change the system setting",
            description =
                    "Only enabled can change. Disabled hides the component on the dashboard; jobs go on running, and"
                            + " the API goes on answering. Name, type and roles are fixed. Needs If-Match.")
    @APIResponse(responseCode = "200", description = "The setting as it is now")
    public RestResponse<SettingView> replace(
            @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch, SettingDraft draft) {
        return settings.replace(draft, ifMatch).ok();
    }
}
