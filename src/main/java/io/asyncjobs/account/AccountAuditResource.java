package io.asyncjobs.account;

import io.asyncjobs.audit.AfterParameter;
import io.asyncjobs.audit.AuditEventView;
import io.asyncjobs.audit.AuditHistory;
import io.asyncjobs.platform.http.PageRequest;
import io.asyncjobs.platform.http.PageView;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** What was done to an account and as it, over HTTP. */
@Path("/api/v1/accounts/{username}/audit")
@Tag(name = "audit")
public class AccountAuditResource {

    private final Accounts accounts;
    private final AuditHistory history;

    AccountAuditResource(Accounts accounts, AuditHistory history) {
        this.accounts = accounts;
        this.history = history;
    }

    @GET
    @Operation(
            operationId = "listAuditEventsOfAccount",
            summary = "List the audit events of an account",
            description =
                    "A page of what was done to the account, as it and on its behalf, latest first unless sorted by"
                            + " seq.")
    public PageView<AuditEventView> list(
            @PathParam("username") String username, @BeanParam PageRequest page, @BeanParam AfterParameter after) {
        return history.ofAccount(accounts.require(username).username(), page, after.seq());
    }
}
