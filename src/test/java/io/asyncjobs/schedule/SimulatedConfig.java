package io.asyncjobs.schedule;

import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;

/** The times that the service has by default. */
final class SimulatedConfig {

    static final ScheduleConfig DEFAULTS = new SmallRyeConfigBuilder()
            .withConverter(Duration.class, 200, new DurationConverter())
            .withMapping(ScheduleConfig.class)
            .build()
            .getConfigMapping(ScheduleConfig.class);

    private SimulatedConfig() {}
}
