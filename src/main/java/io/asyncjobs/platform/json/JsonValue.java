package io.asyncjobs.platform.json;

import com.fasterxml.jackson.databind.JsonNode;

/** A body that may be any JSON value. */
public record JsonValue(JsonNode json) {}
