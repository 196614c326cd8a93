package io.asyncjobs.platform.openapi;

import io.quarkus.smallrye.openapi.OpenApiFilter;
import java.util.List;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.security.SecurityScheme;

/** The document's head: what the API is, where it is found, and which token opens it. */
@OpenApiFilter(stages = OpenApiFilter.RunStage.BUILD)
public class DocumentHead implements OASFilter {

    private static final String TOKEN = "token";

    @Override
    public void filterOpenAPI(OpenAPI document) {
        document.setInfo(OASFactory.createInfo()
                .title("Async Job Manager")
                .version("1")
                .summary("Data scripts that run on timers, with attribution, history and audit")
                .description("""
                        Stores data scripts as configuration and runs each on its own timer, with history and attribution.

                        **Who may.** Every call needs a token (`Authorization: Bearer …`) whose user has the role \
                        `superadmin`: 401 without a valid token, 403 without the role.

                        **Failures** are problems (RFC 9457, `application/problem+json`). Their `type` is stable and \
                        made for programs; docs/problems.md describes each. Where fields are at fault, `violations` \
                        names all of them at once.

                        **Changes** of what has an ETag name the state they are based on in `If-Match`: 428 without, \
                        412 when somebody else was faster.

                        **JSON.** Unknown fields of a request are refused. Answers may get more fields in time: a \
                        reader ignores those it does not know. Instants are ISO 8601 in UTC.""")
                .contact(OASFactory.createContact().name("Async Job Manager").url("https://asyncjobs.io"))
                .license(OASFactory.createLicense()
                        .name("Apache-2.0")
                        .url("https://www.apache.org/licenses/LICENSE-2.0")));
        document.setServers(List.of(OASFactory.createServer()
                .url("/")
                .description("The service that this document comes from, be it local, staging or production")
                .addExtension("x-internal", false)));
        document.getComponents()
                .addSecurityScheme(
                        TOKEN,
                        OASFactory.createSecurityScheme()
                                .type(SecurityScheme.Type.HTTP)
                                .scheme("bearer")
                                .bearerFormat("JWT")
                                .description(
                                        "A JSON Web Token whose groups hold superadmin, checked as RFC8725 wants it: signed by"
                                                + " RS256 or ES256 and nothing else, issuer, audience and expiry always looked at."
                                                + " The embedded issuer makes one with: ./asyncjobs token"));
        document.setSecurity(List.of(OASFactory.createSecurityRequirement().addScheme(TOKEN)));
    }
}
