package io.asyncjobs.script;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A reason why a source is no script, at its own line and column, both from 1. */
@Schema(description = "Why a source is no script, and where")
public record ScriptProblem(int line, int column, String message) {}
