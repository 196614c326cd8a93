package io.asyncjobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.asyncjobs.testsupport.Fast;
import io.quarkus.runtime.configuration.DurationConverter;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.runtime.configuration.MemorySizeConverter;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.config.WithDefault;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every setting: its default, its place in docs/configuration.md, and that it reaches the mapping. */
@Fast
class ConfigurationTest {

    private static final Path PAGE = Path.of("docs/configuration.md");

    /** The launcher sets it. */
    private static final String UNDOCUMENTED = "asyncjobs.script.worker-directory";

    private static final Pattern VARIABLE = Pattern.compile("`([A-Z…][A-Z_]+)`");

    /** A value of each type that is no default, as it is written and as it is read. */
    private static final Map<Type, Sample> SAMPLES = Map.of(
            int.class,
            new Sample("7", 7),
            long.class,
            new Sample("7", 7L),
            double.class,
            new Sample("0.7", 0.7),
            boolean.class,
            new Sample("true", true),
            Boolean.class,
            new Sample("true", true),
            String.class,
            new Sample("seven", "seven"),
            Duration.class,
            new Sample("7m", Duration.ofMinutes(7)),
            Path.class,
            new Sample("/seven", Path.of("/seven")),
            URI.class,
            new Sample("https://example.org/seven", URI.create("https://example.org/seven")));

    private record Sample(String written, Object read) {}

    /** A method of a mapping, with the path of methods that leads there. */
    private record Setting(String key, List<Method> path) {

        Method method() {
            return path.getLast();
        }

        @Nullable
        String defaultValue() {
            WithDefault value = method().getAnnotation(WithDefault.class);
            return value == null ? null : value.value();
        }

        String variable() {
            return key.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
        }

        Object readFrom(Object mapping) throws ReflectiveOperationException {
            Object value = mapping;
            for (Method method : path) {
                value = method.invoke(value);
            }
            return value;
        }
    }

    static Stream<Class<?>> mappings() {
        return new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS).importPackages("io.asyncjobs").stream()
                        .filter(type -> type.isAnnotatedWith(ConfigMapping.class))
                        .map(type -> type.reflect());
    }

    @ParameterizedTest
    @MethodSource("mappings")
    void every_setting_is_documented_with_its_default(Class<?> mapping) throws IOException {
        Map<String, String> documented = documentedDefaults();

        for (Setting setting : settings(mapping)) {
            if (setting.key().equals(UNDOCUMENTED)) {
                continue;
            }
            assertThat(documented).containsKey(setting.variable());
            if (setting.defaultValue() != null) {
                assertThat(documented.get(setting.variable()))
                        .as(setting.variable())
                        .contains("`" + setting.defaultValue() + "`");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("mappings")
    void every_default_is_accepted(Class<?> mapping) throws ReflectiveOperationException {
        Object defaults = read(mapping, Map.of());

        for (Setting setting : settings(mapping)) {
            Object value = setting.readFrom(defaults);
            if (setting.defaultValue() == null) {
                assertThat(value).as(setting.key()).isIn(Optional.empty(), OptionalInt.empty());
            } else {
                assertThat(value).as(setting.key()).isNotNull();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("mappings")
    void every_setting_is_read(Class<?> mapping) throws ReflectiveOperationException {
        Map<String, String> written = new TreeMap<>();
        settings(mapping)
                .forEach(setting -> written.put(
                        setting.key(),
                        sample(setting.method().getGenericReturnType()).written()));

        Object full = read(mapping, written);

        for (Setting setting : settings(mapping)) {
            Object value = setting.readFrom(full);
            Object expected = sample(setting.method().getGenericReturnType()).read();
            if (value instanceof MemorySize size) {
                assertThat(size.asLongValue()).as(setting.key()).isEqualTo(expected);
            } else if (value instanceof Optional<?> optional && optional.orElse(null) instanceof MemorySize size) {
                assertThat(size.asLongValue()).as(setting.key()).isEqualTo(expected);
            } else {
                assertThat(value).as(setting.key()).isEqualTo(expected);
            }
        }
    }

    @Test
    void there_are_settings() {
        assertThat(mappings()).hasSizeGreaterThan(8);
    }

    private static Sample sample(Type type) {
        if (type.equals(MemorySize.class)) {
            return new Sample("7K", 7L * 1024);
        }
        if (type.equals(OptionalInt.class)) {
            return new Sample("7", OptionalInt.of(7));
        }
        if (type instanceof ParameterizedType generic) {
            Type argument = generic.getActualTypeArguments()[0];
            Sample of = sample(argument);
            if (argument.equals(MemorySize.class)) {
                return of;
            }
            return generic.getRawType().equals(Optional.class)
                    ? new Sample(of.written(), Optional.of(of.read()))
                    : new Sample(of.written() + "," + of.written(), List.of(of.read(), of.read()));
        }
        return Objects.requireNonNull(SAMPLES.get(type), () -> "a sample of " + type);
    }

    private static Object read(Class<?> mapping, Map<String, String> values) {
        SmallRyeConfig config = new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .withConverter(Duration.class, 200, new DurationConverter())
                .withConverter(MemorySize.class, 200, new MemorySizeConverter())
                .withMapping(mapping)
                .withDefaultValues(values)
                .build();
        return config.getConfigMapping(mapping);
    }

    private static List<Setting> settings(Class<?> mapping) {
        List<Setting> settings = new ArrayList<>();
        add(settings, mapping.getAnnotation(ConfigMapping.class).prefix(), mapping, List.of());
        return settings;
    }

    private static void add(List<Setting> settings, String prefix, Class<?> type, List<Method> path) {
        for (Method method : type.getDeclaredMethods()) {
            if (method.isDefault() || method.isSynthetic() || Modifier.isStatic(method.getModifiers())) {
                continue;
            }
            String key =
                    prefix + "." + method.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
            List<Method> here = new ArrayList<>(path);
            here.add(method);
            Class<?> returned = method.getReturnType();
            if (returned.isInterface() && returned.getName().startsWith("io.asyncjobs.")) {
                add(settings, key, returned, here);
            } else {
                settings.add(new Setting(key, List.copyOf(here)));
            }
        }
    }

    /** What the page says is the default of each variable: the cell behind the one with its name. */
    private static Map<String, String> documentedDefaults() throws IOException {
        Map<String, String> defaults = new TreeMap<>();
        for (String line : Files.readAllLines(PAGE)) {
            String[] cells = line.split("\\|");
            for (int i = 1; line.startsWith("|") && i + 1 < cells.length; i++) {
                Matcher variable = VARIABLE.matcher(cells[i]);
                while (variable.find()) {
                    defaults.putIfAbsent(variable.group(1).replace("…", "ASYNCJOBS_SCRIPT_LIMITS"), cells[i + 1]);
                }
            }
        }
        return defaults;
    }
}
