package io.asyncjobs.platform.http;

import io.asyncjobs.platform.json.Paths;
import io.asyncjobs.platform.problem.MalformedException;
import io.asyncjobs.platform.problem.Violation;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.UriInfo;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.resteasy.reactive.RestQuery;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jspecify.annotations.Nullable;

/**
 * Refuses query parameters of the API that its resource does not have: a filter that is misspelt would answer with everything.
 * One that is given twice is refused too, since one of its values would be passed over.
 */
public class KnownQueryParameters {

    static final String API = "/api/v1/";

    /** By method: the names of its parameters, and whether each may come more than once. */
    private final Map<Method, Map<String, Boolean>> known = new ConcurrentHashMap<>();

    @ServerRequestFilter
    public void check(ResourceInfo resource, UriInfo address) {
        Map<String, List<String>> given = address.getQueryParameters();
        Method method = resource.getResourceMethod();
        if (given.isEmpty() || method == null || !address.getPath().startsWith(API)) {
            return;
        }
        Map<String, Boolean> names = known.computeIfAbsent(method, KnownQueryParameters::of);
        List<Violation> violations = new ArrayList<>();
        given.forEach((name, values) -> {
            String field = Paths.field("", name);
            if (!names.containsKey(name)) {
                violations.add(new Violation(
                        field,
                        "is not a query parameter that is known here; "
                                + (names.isEmpty()
                                        ? "there are none"
                                        : "known are " + String.join(", ", names.keySet()))));
            } else if (values.size() > 1 && !names.getOrDefault(name, false)) {
                violations.add(new Violation(field, "is given more than once"));
            }
        });
        if (!violations.isEmpty()) {
            throw new MalformedException(violations);
        }
    }

    private static Map<String, Boolean> of(Method method) {
        Map<String, Boolean> names = new TreeMap<>();
        for (Parameter parameter : method.getParameters()) {
            add(parameter, parameter.getName(), parameter.getType(), names);
        }
        return names;
    }

    private static void add(AnnotatedElement place, String name, Class<?> type, Map<String, Boolean> names) {
        QueryParam query = place.getAnnotation(QueryParam.class);
        RestQuery rest = place.getAnnotation(RestQuery.class);
        boolean several = Collection.class.isAssignableFrom(type) || type.isArray();
        if (query != null) {
            names.put(query.value(), several);
        } else if (rest != null) {
            // The annotation's default stands for the name of what it is on
            names.put(rest.value().startsWith("<<") ? name : rest.value(), several);
        } else if (place.isAnnotationPresent(BeanParam.class)) {
            for (@Nullable Class<?> bean = type; bean != null; bean = bean.getSuperclass()) {
                for (Field field : bean.getDeclaredFields()) {
                    add(field, field.getName(), field.getType(), names);
                }
            }
        }
    }
}
