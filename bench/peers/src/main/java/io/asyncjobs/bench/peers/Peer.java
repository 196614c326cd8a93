package io.asyncjobs.bench.peers;

import javax.sql.DataSource;

/** A scheduler to be measured with tasks that do nothing but say that they were started. */
interface Peer {

    String name();

    /** The shortest interval that it takes, given the one that is wanted. */
    default int intervalSeconds(int wanted) {
        return wanted;
    }

    /** Stores the load's jobs; starts none. */
    void prepare(DataSource database, Load load, Starts starts) throws Exception;

    void start() throws Exception;

    /** Also after a start that failed. */
    void stop() throws Exception;
}
