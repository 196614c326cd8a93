package io.asyncjobs.platform.problem;

import io.quarkus.resteasy.reactive.server.runtime.ResteasyReactiveRecorder;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.resteasy.reactive.server.core.Deployment;
import org.jboss.resteasy.reactive.server.mapping.RuntimeResource;
import org.jboss.resteasy.reactive.server.util.RuntimeResourceVisitor;

/** Which methods a path knows: RFC 9110 wants them in the header Allow of a 405, and the framework leaves them out. */
@Singleton
class AllowedMethods {

    private static final Pattern PARAMETER = Pattern.compile("\\{\\s*[^:{}\\s]+\\s*(?::\\s*((?:[^{}]|\\{[^{}]*})+))?}");

    private record Route(Pattern path, String method) {}

    /** Made at the first 405: the resources are known only once the application runs. */
    private volatile List<Route> routes = List.of();

    /** The methods, joined for the header; empty when none is known. */
    String of(String path) {
        List<Route> known = routes;
        if (known.isEmpty()) {
            known = read();
            routes = known;
        }
        TreeSet<String> methods = new TreeSet<>();
        for (Route route : known) {
            if (route.path.matcher(path).matches()) {
                methods.add(route.method);
            }
        }
        if (methods.contains("GET")) {
            methods.add("HEAD");
        }
        return String.join(", ", methods);
    }

    private static List<Route> read() {
        Map<String, Route> routes = new TreeMap<>();
        Deployment deployment = ResteasyReactiveRecorder.getCurrentDeployment();
        RuntimeResourceVisitor.visitRuntimeResources("", deployment.getClassMappers(), new RuntimeResourceVisitor() {
            @Override
            public void visitRuntimeResource(String method, String template, RuntimeResource resource) {
                routes.put(method + ' ' + template, new Route(patternOf(template), method));
            }
        });
        return List.copyOf(routes.values());
    }

    private static Pattern patternOf(String template) {
        StringBuilder pattern = new StringBuilder();
        Matcher parameter = PARAMETER.matcher(template);
        int at = 0;
        while (parameter.find()) {
            pattern.append(Pattern.quote(template.substring(at, parameter.start())));
            pattern.append("(?:")
                    .append(parameter.group(1) == null ? "[^/]+" : parameter.group(1))
                    .append(')');
            at = parameter.end();
        }
        pattern.append(Pattern.quote(template.substring(at))).append("/?");
        return Pattern.compile(pattern.toString());
    }
}
