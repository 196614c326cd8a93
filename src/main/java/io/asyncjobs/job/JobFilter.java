package io.asyncjobs.job;

import org.jspecify.annotations.Nullable;

/**
 * Which jobs a list holds; null takes all.
 *
 * @param name a part of the name, whatever its case
 * @param user the associated user's name
 */
record JobFilter(
        @Nullable Boolean archived,
        @Nullable String name,
        @Nullable String user) {}
