package io.asyncjobs.account;

import io.asyncjobs.audit.ReasonParameter;
import io.asyncjobs.platform.http.PageRequest;
import io.asyncjobs.platform.http.PageView;
import io.asyncjobs.platform.http.Tagged;
import io.asyncjobs.platform.json.JsonValue;
import io.asyncjobs.platform.json.ReadBack;
import io.asyncjobs.platform.json.StrictJson;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.UriBuilder;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** Accounts over HTTP. */
@Path("/api/v1/accounts")
@Tag(name = "accounts", description = "Users that changes can be attributed to")
public class AccountsResource {

    private static final ReadBack READ_BACK = new ReadBack(AccountView.class, AccountReplacement.class);

    private final Accounts accounts;
    private final StrictJson json;

    AccountsResource(Accounts accounts, StrictJson json) {
        this.accounts = accounts;
        this.json = json;
    }

    @GET
    @Operation(
            operationId = "listAccounts",
            summary = "List accounts",
            description = "A page of the accounts, by username unless asked otherwise.")
    public PageView<AccountView> list(
            @QueryParam("active")
                    @Parameter(description = "Only those that are active, or only those that are not")
                    @Nullable
                    Boolean active,
            @BeanParam PageRequest page) {
        return accounts.list(AccountFilter.of(active), page);
    }

    @POST
    @Operation(
            operationId = "createAccount",
            summary = "Create an account",
            description = "Creates an account that jobs can act as.")
    @APIResponse(
            responseCode = "201",
            description = "Created",
            content = @Content(mediaType = "application/json", schema = @Schema(implementation = AccountView.class)))
    public RestResponse<AccountView> create(AccountDraft draft) {
        Tagged<AccountView> created = accounts.create(draft);
        return created.created(UriBuilder.fromPath("/api/v1/accounts/{username}")
                .build(new Object[] {created.body().username()}, true));
    }

    @GET
    @Path("/{username}")
    @Operation(
            operationId = "getAccount",
            summary = "Read an account",
            description = "The account with that username, whatever its case.")
    @APIResponse(responseCode = "200", description = "The account")
    @APIResponse(responseCode = "304", description = "The state is the one that If-None-Match names")
    public RestResponse<AccountView> get(
            @PathParam("username") String username,
            @HeaderParam(HttpHeaders.IF_NONE_MATCH) @Nullable String ifNoneMatch) {
        return accounts.get(username).unlessKnown(ifNoneMatch);
    }

    @PUT
    @Path("/{username}")
    @Operation(
            operationId = "replaceAccount",
            summary = "Change an account",
            description = "Replaces everything but the username. What was read may be sent back: fields that only an"
                    + " answer has are passed over. With If-Match only if nobody changed it meanwhile. While"
                    + " an account is inactive, every run of a job that acts as it fails at once, without running the"
                    + " script; the answer names those jobs.")
    @APIResponse(responseCode = "200", description = "The account as it is now")
    public RestResponse<AccountView> replace(
            @PathParam("username") String username,
            @HeaderParam(HttpHeaders.IF_MATCH)
                    @Parameter(description = "The ETag last read", schema = @Schema(maxLength = 1000))
                    @Nullable
                    String ifMatch,
            @RequestBody(
                            required = true,
                            content =
                                    @Content(
                                            mediaType = MediaType.APPLICATION_JSON,
                                            schema = @Schema(implementation = AccountReplacement.class)))
                    JsonValue replacement) {
        AccountReplacement wanted = json.bind(READ_BACK.draftOf(replacement.json()), AccountReplacement.class);
        return accounts.replace(username, wanted.of(username), ifMatch).ok();
    }

    @DELETE
    @Path("/{username}")
    @Operation(
            operationId = "deleteAccount",
            summary = "Delete an account",
            description = "Only one that no job and no revision of a job refers to; system never. Needs If-Match.")
    @APIResponse(responseCode = "204", description = "Deleted")
    public void delete(
            @PathParam("username") String username,
            @HeaderParam(HttpHeaders.IF_MATCH) @Nullable String ifMatch,
            @BeanParam ReasonParameter reason) {
        accounts.delete(username, reason.text(), ifMatch);
    }
}
