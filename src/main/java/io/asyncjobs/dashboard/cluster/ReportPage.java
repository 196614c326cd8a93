package io.asyncjobs.dashboard.cluster;

import io.asyncjobs.provisioning.ConfigurationReports;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

/** The configuration report for browsers: a link cannot say which form it wants but by its address. */
@Path("/admin/support/configuration-report")
@Blocking
public class ReportPage {

    private final ConfigurationReports reports;

    ReportPage(ConfigurationReports reports) {
        this.reports = reports;
    }

    @GET
    @Path("/html")
    @Produces(MediaType.TEXT_HTML)
    public Response html() {
        return reports.html();
    }

    @GET
    @Path("/csv")
    @Produces(ConfigurationReports.CSV)
    public Response csv() {
        return reports.csv();
    }
}
