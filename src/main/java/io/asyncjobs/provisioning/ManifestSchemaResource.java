package io.asyncjobs.provisioning;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** What a manifest may hold, for editors. */
@Path("/api/v1/provisioning/schema")
@Tag(name = "provisioning")
public class ManifestSchemaResource {

    private static final String SCHEMA_JSON = "application/schema+json";
    private static final String FILE = "manifest.schema.json";

    @GET
    @Produces(SCHEMA_JSON)
    @Operation(
            operationId = "getManifestSchema",
            summary = "Read the JSON Schema of manifests",
            description = "Draft 2020-12, for editors that complete and check a manifest.")
    @APIResponse(
            responseCode = "200",
            description = "The schema",
            content =
                    @Content(
                            mediaType = SCHEMA_JSON,
                            schema = @Schema(type = SchemaType.OBJECT, description = "A JSON Schema")))
    public byte[] schema() {
        try (InputStream file = ManifestSchemaResource.class.getResourceAsStream(FILE)) {
            return Objects.requireNonNull(file, FILE).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("The schema cannot be read", e);
        }
    }
}
