/**
 * The jobs of a whole environment as a file: manifests, plans, their application, exports, fingerprints, comparisons and
 * reports. It owns no table; accounts, connections and jobs are changed by their own packages.
 */
@NullMarked
package io.asyncjobs.provisioning;

import org.jspecify.annotations.NullMarked;
