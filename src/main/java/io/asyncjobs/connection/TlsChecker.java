package io.asyncjobs.connection;

import io.asyncjobs.platform.problem.Violation;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/** What can be said of a draft's certificates and key by themselves. */
final class TlsChecker {

    private static final String CERTIFICATES =
            "must be certificates in PEM, which begin with -----BEGIN CERTIFICATE-----";

    private TlsChecker() {}

    static void check(ConnectionDraft draft, HttpSettings http, List<Violation> violations) {
        String tokenUrl = http.authentication().tokenUrl();
        boolean any = http.baseUrl().startsWith("https:") || (tokenUrl != null && tokenUrl.startsWith("https:"));
        if (draft.tls() != null && !any) {
            violations.add(new Violation("tls", "must be absent, because nothing is called with https"));
        }
        check(draft, violations);
    }

    static void check(ConnectionDraft draft, PostgresqlSettings postgresql, List<Violation> violations) {
        if (draft.tls() != null && postgresql.tls() != PostgresqlSettings.Tls.VERIFY_FULL) {
            violations.add(new Violation("tls", "must be absent, or postgresql.tls must be verify_full"));
        }
        check(draft, violations);
    }

    private static void check(ConnectionDraft draft, List<Violation> violations) {
        TlsSettings tls = draft.tls();
        String authority = tls == null ? null : tls.caCertificate();
        String own = tls == null ? null : tls.clientCertificate();
        if (authority != null && Pem.certificates(authority).isEmpty()) {
            violations.add(new Violation("tls.caCertificate", CERTIFICATES));
        }
        List<X509Certificate> chain = own == null ? List.of() : Pem.certificates(own);
        if (own != null && chain.isEmpty()) {
            violations.add(new Violation("tls.clientCertificate", CERTIFICATES));
        }
        String key = draft.clientKey();
        if (key == null) {
            return;
        }
        Optional<PrivateKey> privateKey = Pem.privateKey(key);
        if (own == null) {
            violations.add(new Violation("clientKey", "is only for a client certificate: give tls.clientCertificate"));
        } else if (privateKey.isEmpty()) {
            violations.add(new Violation(
                    "clientKey",
                    "must be a private key in PKCS#8 PEM, which begins with -----BEGIN PRIVATE KEY-----; openssl pkcs8"
                            + " -topk8 -nodes makes one of other forms"));
        } else if (!chain.isEmpty() && !Pem.belongTogether(privateKey.get(), chain.getFirst())) {
            violations.add(
                    new Violation("clientKey", "must be the key of the first certificate of tls.clientCertificate"));
        }
    }
}
