package io.asyncjobs.connection;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * The certificates of a connection with its key in the clear: not to be kept, not to be shown.
 *
 * @param clientKey null where there is no client certificate
 */
public record OpenTls(TlsSettings settings, @Nullable String clientKey) {

    private static final char[] NO_PASSWORD = {};

    /** What a handshake needs. */
    public SSLContext context() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(authorities());
            KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            own.init(identity(), NO_PASSWORD);
            context.init(own.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("The certificates were read when they were saved", e);
        }
    }

    /** Null for those of the JVM. */
    private @Nullable KeyStore authorities() throws GeneralSecurityException, IOException {
        if (settings.caCertificate() == null) {
            return null;
        }
        KeyStore store = empty();
        List<X509Certificate> certificates = Pem.certificates(settings.caCertificate());
        for (int i = 0; i < certificates.size(); i++) {
            store.setCertificateEntry("ca-" + i, certificates.get(i));
        }
        return store;
    }

    private KeyStore identity() throws GeneralSecurityException, IOException {
        KeyStore store = empty();
        if (settings.clientCertificate() != null && clientKey != null) {
            PrivateKey key = Pem.privateKey(clientKey).orElseThrow(IllegalStateException::new);
            X509Certificate[] chain =
                    Pem.certificates(settings.clientCertificate()).toArray(X509Certificate[]::new);
            store.setKeyEntry("client", key, NO_PASSWORD, chain);
        }
        return store;
    }

    private static KeyStore empty() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, NO_PASSWORD);
        return store;
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "OpenTls[" + (clientKey == null ? "no client key" : "with a client key") + "]";
    }
}
