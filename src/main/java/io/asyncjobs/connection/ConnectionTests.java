package io.asyncjobs.connection;

import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;

/** Tests connections from this node. No transaction is open meanwhile. */
@Singleton
public class ConnectionTests {

    private final Connections connections;
    private final Instance<ConnectionProbe> probes;

    ConnectionTests(Connections connections, @Any Instance<ConnectionProbe> probes) {
        this.connections = connections;
        this.probes = probes;
    }

    /**
     * Tests the connection of that name.
     *
     * @throws io.asyncjobs.platform.problem.UnknownException when there is none
     */
    public ConnectionTestView test(String name) {
        ConnectionKind kind = connections.get(name).body().kind();
        ProbeSteps steps = new ProbeSteps();
        try {
            probes.stream().filter(probe -> probe.kind() == kind).forEach(probe -> probe.test(name, steps));
        } catch (ConnectionCallException e) {
            steps.step("resolve", () -> {
                throw e;
            });
        }
        return steps.view();
    }
}
