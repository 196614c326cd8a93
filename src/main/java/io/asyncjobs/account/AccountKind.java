package io.asyncjobs.account;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Who stands behind an account. */
public enum AccountKind {
    @JsonProperty("person")
    PERSON,
    @JsonProperty("system")
    SYSTEM
}
