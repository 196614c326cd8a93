package io.asyncjobs.account;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** Who stands behind an account. */
@Schema(description = "Who stands behind an account")
public enum AccountKind {
    @JsonProperty("person")
    PERSON,
    @JsonProperty("system")
    SYSTEM
}
