package io.asyncjobs.platform.openapi;

import io.asyncjobs.platform.problem.Problem;
import org.eclipse.microprofile.openapi.annotations.Components;
import org.eclipse.microprofile.openapi.annotations.OpenAPIDefinition;
import org.eclipse.microprofile.openapi.annotations.enums.SecuritySchemeType;
import org.eclipse.microprofile.openapi.annotations.info.Contact;
import org.eclipse.microprofile.openapi.annotations.info.Info;
import org.eclipse.microprofile.openapi.annotations.info.License;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.security.SecurityScheme;
import org.eclipse.microprofile.openapi.annotations.servers.Server;

/** The document's head, and the schema of the body every failure has. */
@OpenAPIDefinition(
        info =
                @Info(
                        title = "Async Job Manager",
                        version = "1",
                        description = """
                                Stores data scripts as configuration and runs each on its own timer, with history and \
                                attribution.

                                Every call but health needs a token whose user has the role superadmin. Failures are \
                                problems (RFC 9457), described in docs/problems.md. Unknown fields are refused. \
                                Instants are ISO 8601 in UTC.""",
                        contact = @Contact(name = "Async Job Manager", url = "https://asyncjobs.io"),
                        license = @License(name = "Apache-2.0", url = "https://www.apache.org/licenses/LICENSE-2.0")),
        servers = @Server(url = "/", description = "The service this document comes from"),
        security = @SecurityRequirement(name = DocumentHead.SECURITY_SCHEME),
        components =
                @Components(
                        schemas = @Schema(name = "Problem", implementation = Problem.class),
                        securitySchemes =
                                @SecurityScheme(
                                        securitySchemeName = DocumentHead.SECURITY_SCHEME,
                                        type = SecuritySchemeType.HTTP,
                                        scheme = "bearer",
                                        bearerFormat = "JWT",
                                        description =
                                                "A JSON Web Token, RS256 or ES256, whose groups hold superadmin")))
final class DocumentHead {

    static final String SECURITY_SCHEME = "token";

    private DocumentHead() {}
}
