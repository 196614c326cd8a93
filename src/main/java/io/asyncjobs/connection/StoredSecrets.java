package io.asyncjobs.connection;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The named secrets of a connection as they stand in the table: a JSON object of names and what was sealed, in Base64. */
final class StoredSecrets {

    static final String NONE = "{}";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final TypeReference<TreeMap<String, byte[]>> SEALED = new TypeReference<>() {};

    private StoredSecrets() {}

    /** By their names. */
    static Map<String, byte[]> read(String stored) {
        try {
            return JSON.readValue(stored, SEALED);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("The named secrets of a connection are stored damaged", e);
        }
    }

    static List<String> names(String stored) {
        return List.copyOf(read(stored).keySet());
    }

    static String write(Map<String, byte[]> sealed) {
        try {
            return JSON.writeValueAsString(new TreeMap<>(sealed));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Names and bytes can be written", e);
        }
    }
}
