package io.asyncjobs.provisioning;

import io.asyncjobs.audit.ReasonParameter;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Size;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** Why a plan may be applied. */
@Schema(name = "ApprovalDraft", description = "Why a plan may be applied")
public record ApprovalDraft(
        @NotBlank
        @Size(max = ReasonParameter.MAX_LENGTH)
        @Schema(description = "Kept with the plan and on the audit trail", examples = "reviewed with the study team")
        String reason) {}
