package io.asyncjobs.dashboard.shell;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;

/** Leads from the bare address to the list of jobs. */
@Path("/")
public class HomePage {

    @GET
    public Response home() {
        return Address.seeOther(Shell.Section.JOBS.path()).build();
    }
}
