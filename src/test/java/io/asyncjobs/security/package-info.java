@NullMarked
package io.asyncjobs.security;

import org.jspecify.annotations.NullMarked;
