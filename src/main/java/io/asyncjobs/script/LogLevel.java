package io.asyncjobs.script;

/** How much a line of a run's log matters; the order is the protocol's. */
public enum LogLevel {
    DEBUG,
    INFO,
    WARN,
    ERROR
}
