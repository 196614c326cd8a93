package io.asyncjobs.connection;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What a connection leads to. */
public enum ConnectionKind {
    @JsonProperty("http")
    HTTP,
    @JsonProperty("postgresql")
    POSTGRESQL
}
