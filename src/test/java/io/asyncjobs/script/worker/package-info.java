@NullMarked
package io.asyncjobs.script.worker;

import org.jspecify.annotations.NullMarked;
