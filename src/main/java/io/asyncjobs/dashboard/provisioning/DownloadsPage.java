package io.asyncjobs.dashboard.provisioning;

import io.asyncjobs.provisioning.ConfigurationReports;
import io.asyncjobs.provisioning.Provisioning;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

/** Export and configuration report for browsers: a link cannot say which form it wants but by its address. */
@Path("/admin/support")
@Blocking
public class DownloadsPage {

    private final ConfigurationReports reports;
    private final Provisioning provisioning;

    DownloadsPage(ConfigurationReports reports, Provisioning provisioning) {
        this.reports = reports;
        this.provisioning = provisioning;
    }

    @GET
    @Path("/configuration-report/html")
    @Produces(MediaType.TEXT_HTML)
    public Response html() {
        return reports.html();
    }

    @GET
    @Path("/configuration-report/csv")
    @Produces(ConfigurationReports.CSV)
    public Response csv() {
        return reports.csv();
    }

    @GET
    @Path("/export/yaml")
    @Produces("application/yaml")
    public Response yaml() {
        return file(provisioning.exportYaml(), "jobs.yaml");
    }

    @GET
    @Path("/export/zip")
    @Produces("application/zip")
    public Response zip() {
        return file(provisioning.exportZip(), "jobs.zip");
    }

    private static Response file(byte[] content, String name) {
        return Response.ok(content)
                .header(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"" + name + "\"")
                .build();
    }
}
