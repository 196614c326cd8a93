package io.asyncjobs.platform.json;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * The body of a PATCH: an RFC 7396 merge patch, as {@value #MEDIA_TYPE} or plain JSON. Apply it by
 * {@link StrictJson#patched}.
 */
public record MergePatch(ObjectNode changes) {

    /** The media type of merge patches. */
    public static final String MEDIA_TYPE = "application/merge-patch+json";

    public MergePatch {
        changes = changes.deepCopy();
    }
}
