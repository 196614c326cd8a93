package io.asyncjobs.account;

import io.asyncjobs.platform.http.EntityTags;
import io.asyncjobs.platform.http.PageRequest;
import io.asyncjobs.platform.http.PageView;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriBuilder;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.headers.Header;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Accounts over HTTP. */
@Path("/api/v1/accounts")
@Tag(name = "accounts", description = "Users that changes can be attributed to")
public class AccountsResource {

    private final Accounts accounts;

    AccountsResource(Accounts accounts) {
        this.accounts = accounts;
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
        return accounts.list(active, page);
    }

    @POST
    @Operation(
            operationId = "createAccount",
            summary = "Create an account",
            description = "Creates an account that jobs can act as.")
    @APIResponse(
            responseCode = "201",
            description = "Created",
            headers = {
                @Header(
                        name = "Location",
                        description = "Where the account is found",
                        schema = @Schema(type = SchemaType.STRING, format = "uri", maxLength = 4000)),
                @Header(
                        name = "ETag",
                        description = "The tag of this state",
                        schema = @Schema(type = SchemaType.STRING, maxLength = 100))
            },
            content = @Content(mediaType = "application/json", schema = @Schema(implementation = AccountView.class)))
    public Response create(AccountDraft draft) {
        Accounts.Tagged created = accounts.create(draft);
        return Response.created(UriBuilder.fromPath("/api/v1/accounts/{username}")
                        .build(new Object[] {created.account().username()}, true))
                .header(HttpHeaders.ETAG, created.etag())
                .entity(created.account())
                .build();
    }

    @GET
    @Path("/{username}")
    @Operation(
            operationId = "getAccount",
            summary = "Read an account",
            description = "The account with that username, whatever its case.")
    @APIResponse(
            responseCode = "200",
            description = "The account",
            headers =
                    @Header(
                            name = "ETag",
                            description = "The tag of this state",
                            schema = @Schema(type = SchemaType.STRING, maxLength = 100)),
            content = @Content(mediaType = "application/json", schema = @Schema(implementation = AccountView.class)))
    @APIResponse(responseCode = "304", description = "The state is the one that If-None-Match names")
    public Response get(
            @PathParam("username")
                    @Parameter(description = "The username", schema = @Schema(minLength = 1, maxLength = 200))
                    String username,
            @HeaderParam(HttpHeaders.IF_NONE_MATCH)
                    @Parameter(description = "ETags the reader has already", schema = @Schema(maxLength = 1000))
                    @Nullable
                    String ifNoneMatch) {
        Accounts.Tagged found = accounts.get(username);
        if (EntityTags.isKnown(ifNoneMatch, found.etag())) {
            return Response.notModified().header(HttpHeaders.ETAG, found.etag()).build();
        }
        return Response.ok(found.account())
                .header(HttpHeaders.ETAG, found.etag())
                .build();
    }

    @PUT
    @Path("/{username}")
    @Operation(
            operationId = "replaceAccount",
            summary = "Change an account",
            description = "Replaces everything but the username. With If-Match only if nobody changed it meanwhile.")
    @APIResponse(
            responseCode = "200",
            description = "The account as it is now",
            headers =
                    @Header(
                            name = "ETag",
                            description = "The tag of this state",
                            schema = @Schema(type = SchemaType.STRING, maxLength = 100)),
            content = @Content(mediaType = "application/json", schema = @Schema(implementation = AccountView.class)))
    public Response replace(
            @PathParam("username")
                    @Parameter(description = "The username", schema = @Schema(minLength = 1, maxLength = 200))
                    String username,
            @HeaderParam(HttpHeaders.IF_MATCH)
                    @Parameter(description = "The ETag last read", schema = @Schema(maxLength = 1000))
                    @Nullable
                    String ifMatch,
            AccountDraft draft) {
        Accounts.Tagged replaced = accounts.replace(username, draft, ifMatch);
        return Response.ok(replaced.account())
                .header(HttpHeaders.ETAG, replaced.etag())
                .build();
    }
}
