@NullMarked
package io.asyncjobs.script;

import org.jspecify.annotations.NullMarked;
