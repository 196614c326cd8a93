package io.asyncjobs.provisioning;

import io.asyncjobs.platform.text.UnseenCharacters;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateExtension;
import io.quarkus.qute.TemplateInstance;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;

/** Writes the report as one file of HTML that needs nothing else, for the screen and for paper. */
final class ReportHtml {

    private static final String STYLE = style();

    /** Allows the style in the file and nothing else; also in the file itself, which may be opened from a disk. */
    static final String POLICY = "default-src 'none'; style-src 'sha256-%s'".formatted(digest(STYLE));

    @CheckedTemplate(basePath = "provisioning")
    static final class Templates {

        private Templates() {}

        static native TemplateInstance report(ConfigurationReport report, String policy, String style);
    }

    private ReportHtml() {}

    static byte[] of(ConfigurationReport report) {
        return Templates.report(report, POLICY, STYLE).render().getBytes(StandardCharsets.UTF_8);
    }

    /** With names for what cannot be seen or would reorder what can. */
    @TemplateExtension
    static String shown(String text) {
        return UnseenCharacters.named(text);
    }

    private static String style() {
        try (InputStream file = ReportHtml.class.getResourceAsStream("report.css")) {
            if (file == null) {
                throw new IllegalStateException("report.css is missing from what was built");
            }
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String digest(String text) {
        MessageDigest digest = ManifestSource.sha256();
        return Base64.getEncoder().encodeToString(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    }
}
