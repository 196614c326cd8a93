package io.asyncjobs.platform.http;

import io.asyncjobs.platform.Instants;
import io.asyncjobs.platform.problem.MalformedException;
import io.asyncjobs.platform.problem.UnknownException;
import io.asyncjobs.platform.problem.Violation;
import io.asyncjobs.platform.shape.EnumNames;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.ext.ParamConverter;
import jakarta.ws.rs.ext.ParamConverterProvider;
import jakarta.ws.rs.ext.Provider;
import java.lang.annotation.Annotation;
import java.lang.reflect.Type;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/**
 * Parameters of the usual types. What does not parse is a 400 that names the query parameter, or a 404 in the path;
 * the framework's own would be a 404 without a reason for both. An empty query parameter is as if absent. Constants of
 * enums are written in lower case.
 */
@Provider
public class ParameterConverters implements ParamConverterProvider {

    @Override
    @SuppressWarnings("unchecked") // each converter is made for exactly the raw type it is returned for
    public <T> @Nullable ParamConverter<T> getConverter(Class<T> rawType, Type genericType, Annotation[] annotations) {
        Function<String, Object> parse;
        String message;
        if (rawType == int.class || rawType == Integer.class) {
            parse = Integer::valueOf;
            message = "must be a whole number";
        } else if (rawType == long.class || rawType == Long.class) {
            parse = Long::valueOf;
            message = "must be a whole number";
        } else if (rawType == boolean.class || rawType == Boolean.class) {
            parse = ParameterConverters::truth;
            message = "must be true or false";
        } else if (rawType == Instant.class) {
            parse = text -> Instants.bounded(OffsetDateTime.parse(text).toInstant());
            message = Instants.FORM;
        } else if (rawType == UUID.class) {
            parse = ParameterConverters::uuid;
            message = "must be a UUID";
        } else if (rawType.isEnum()) {
            Map<String, Object> constants = EnumNames.of(rawType);
            parse = text -> Optional.ofNullable(constants.get(text)).orElseThrow(IllegalArgumentException::new);
            message = "must be one of " + String.join(", ", constants.keySet());
        } else {
            return null;
        }
        return (ParamConverter<T>) new Converter(parse, message, annotations);
    }

    private static Boolean truth(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException();
        };
    }

    private static UUID uuid(String text) {
        UUID uuid = UUID.fromString(text);
        // The parser takes short groups too
        if (!uuid.toString().equals(text.toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException();
        }
        return uuid;
    }

    private record Converter(Function<String, Object> parse, String message, String query, boolean path)
            implements ParamConverter<Object> {

        Converter(Function<String, Object> parse, String message, Annotation[] annotations) {
            this(
                    parse,
                    message,
                    Arrays.stream(annotations)
                            .map(Converter::queryName)
                            .filter(name -> !name.isEmpty())
                            .findFirst()
                            .orElse(""),
                    Arrays.stream(annotations).anyMatch(a -> a instanceof PathParam || a instanceof RestPath));
        }

        private static String queryName(Annotation annotation) {
            return switch (annotation) {
                case QueryParam parameter -> parameter.value();
                case RestQuery parameter when !parameter.value().startsWith("<<") -> parameter.value();
                default -> "";
            };
        }

        @Override
        public @Nullable Object fromString(@Nullable String text) {
            if (text == null || (text.isEmpty() && !path)) {
                return null;
            }
            try {
                return parse.apply(text);
            } catch (RuntimeException e) {
                if (path) {
                    throw new UnknownException("Nothing is found under this path: a part of it " + message + ".");
                }
                throw new MalformedException(List.of(new Violation(query.isEmpty() ? "query" : query, message)));
            }
        }

        @Override
        public String toString(Object value) {
            return value.toString();
        }
    }
}
