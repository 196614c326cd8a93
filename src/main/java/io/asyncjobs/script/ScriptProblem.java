package io.asyncjobs.script;

/** A reason why a source is no script, at its own line and column, both from 1. */
public record ScriptProblem(int line, int column, String message) {}
