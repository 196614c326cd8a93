package io.asyncjobs.audit;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** Whether something was done by a script or in another way. */
@Schema(description = "Who did it: scripts in their runs, or people and the service itself")
public enum AuditBy {
    PEOPLE,
    SCRIPTS
}
