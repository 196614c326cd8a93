package io.asyncjobs;

import static com.tngtech.archunit.core.domain.properties.CanBeAnnotated.Predicates.annotatedWith;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.asyncjobs.platform.shape.RecordShape;
import io.asyncjobs.schedule.RunLauncher;
import io.asyncjobs.testsupport.Fast;
import jakarta.persistence.Entity;
import jakarta.ws.rs.Path;
import java.util.Optional;
import java.util.Set;

/** The arrows of the design: features stand on each other in one direction, and keep their inside to themselves. */
@Fast
@AnalyzeClasses(packages = "io.asyncjobs", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    private static final String BASE = "io.asyncjobs.";

    @ArchTest
    static final ArchRule arrows_go_down_only = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .withOptionalLayers(false)
            .layer("dashboard")
            .definedBy(BASE + "dashboard..")
            .layer("provisioning")
            .definedBy(BASE + "provisioning..")
            .layer("search")
            .definedBy(BASE + "search..")
            .layer("run")
            .definedBy(BASE + "run..")
            .layer("schedule")
            .definedBy(BASE + "schedule..")
            .layer("job")
            .definedBy(BASE + "job..")
            .layer("script")
            .definedBy(BASE + "script..")
            .layer("setting")
            .definedBy(BASE + "setting..")
            .layer("account")
            .definedBy(BASE + "account..")
            .layer("connection")
            .definedBy(BASE + "connection..")
            .layer("audit")
            .definedBy(BASE + "audit..")
            .layer("security")
            .definedBy(BASE + "security..")
            .layer("platform")
            .definedBy(BASE + "platform..")
            .whereLayer("dashboard")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("provisioning")
            .mayOnlyBeAccessedByLayers("dashboard")
            .whereLayer("search")
            .mayOnlyBeAccessedByLayers("dashboard")
            .whereLayer("run")
            .mayOnlyBeAccessedByLayers("dashboard", "provisioning", "search")
            .whereLayer("schedule")
            .mayOnlyBeAccessedByLayers("dashboard", "provisioning", "run")
            .whereLayer("job")
            .mayOnlyBeAccessedByLayers("dashboard", "provisioning", "search", "run", "schedule")
            .whereLayer("script")
            .mayOnlyBeAccessedByLayers("dashboard", "provisioning", "run", "schedule", "job")
            .whereLayer("setting")
            .mayOnlyBeAccessedByLayers("dashboard", "provisioning", "search", "run", "schedule", "job", "script")
            .whereLayer("account")
            .mayOnlyBeAccessedByLayers("dashboard", "provisioning", "search", "run", "schedule", "job", "script")
            .whereLayer("connection")
            .mayOnlyBeAccessedByLayers("dashboard", "provisioning", "search", "run", "schedule", "job", "script")
            .whereLayer("audit")
            .mayOnlyBeAccessedByLayers(
                    "dashboard", "provisioning", "run", "schedule", "job", "script", "setting", "account", "connection")
            .whereLayer("security")
            .mayOnlyBeAccessedByLayers(
                    "dashboard",
                    "provisioning",
                    "search",
                    "run",
                    "schedule",
                    "job",
                    "script",
                    "setting",
                    "account",
                    "connection",
                    "audit");

    /** Nested packages that their feature offers to those above it. */
    private static final Set<String> OFFERED = Set.of(
            BASE + "connection.http",
            BASE + "connection.sql",
            BASE + "run.history",
            BASE + "run.ledger",
            BASE + "run.retention",
            BASE + "run.state",
            BASE + "run.trial");

    /** The foundation is exempt: its nested packages are made for all. */
    @ArchTest
    static final ArchRule nested_packages_are_private_to_their_feature = classes()
            .that()
            .resideInAPackage(BASE + "*..")
            .should(new ArchCondition<>("leave the nested packages of other features alone") {
                @Override
                public void check(JavaClass user, ConditionEvents events) {
                    for (Dependency dependency : user.getDirectDependenciesFromSelf()) {
                        String used = dependency.getTargetClass().getPackageName();
                        Optional<String> feature = featureOf(used);
                        if (feature.isPresent()
                                && !feature.get().equals("platform")
                                && !feature.equals(featureOf(user.getPackageName()))
                                && !used.equals(BASE + feature.get())
                                && !OFFERED.contains(used)) {
                            events.add(SimpleConditionEvent.violated(dependency, dependency.getDescription()));
                        }
                    }
                }
            });

    @ArchTest
    static final ArchRule rooms_of_the_dashboard_form_no_circle =
            slices().matching(BASE + "dashboard.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule rooms_of_run_form_no_circle =
            slices().matching(BASE + "run.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule parameters_are_checked_without_their_job = noClasses()
            .that()
            .resideInAPackage(BASE + "job.parameters")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(BASE + "job");

    @ArchTest
    static final ArchRule calls_open_connections_and_not_the_other_way = noClasses()
            .that()
            .resideInAPackage(BASE + "connection")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(BASE + "connection.http", BASE + "connection.sql");

    @ArchTest
    static final ArchRule ways_to_call_know_nothing_of_each_other =
            slices().matching(BASE + "connection.(*)..").should().notDependOnEachOther();

    @ArchTest
    static final ArchRule the_worker_stands_alone = noClasses()
            .that()
            .resideInAPackage(BASE + "script.worker..")
            .should()
            .dependOnClassesThat(DescribedPredicate.describe(
                    "belong to the service or its framework",
                    used -> !used.getPackageName().startsWith("io.asyncjobs.script.worker")
                            && (used.getPackageName().startsWith("io.asyncjobs")
                                    || used.getPackageName().startsWith("io.quarkus")
                                    || used.getPackageName().startsWith("jakarta"))));

    /** Benchmarks live in {@code bench} and are compiled with the tests. */
    @ArchTest
    static final ArchRule nothing_of_the_benchmark_is_in_the_service = noClasses()
            .should()
            .resideInAPackage(BASE + "bench..")
            .orShould()
            .haveSimpleNameEndingWith("Bench")
            .orShould()
            .dependOnClassesThat()
            .resideInAPackage(BASE + "bench..");

    /** Another one could record a success without executing the script. */
    @ArchTest
    static final ArchRule one_class_only_carries_out_runs =
            classes().that().implement(RunLauncher.class).should().haveSimpleName("ScriptRunner");

    /** Two readers would come to disagree about what is required. */
    @ArchTest
    static final ArchRule one_class_only_reads_the_components_of_records = noClasses()
            .that()
            .doNotHaveFullyQualifiedName(RecordShape.class.getName())
            .should()
            .callMethod(Class.class, "getRecordComponents");

    @ArchTest
    static final ArchRule resources_answer_views = noMethods()
            .that()
            .arePublic()
            .and()
            .areDeclaredInClassesThat()
            .areAnnotatedWith(Path.class)
            .should()
            .haveRawReturnType(annotatedWith(Entity.class))
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule what_goes_over_the_wire_holds_no_entity = noFields()
            .that()
            .areDeclaredInClassesThat()
            .haveNameMatching(".*(View|Draft|Summary)")
            .should()
            .haveRawType(annotatedWith(Entity.class));

    @ArchTest
    static void names_tell_roles(JavaClasses classes) {
        noClasses()
                .should()
                .haveNameMatching(".*(Impl|Manager|Helper|Util|Utils|DAO|Dao)")
                .check(classes);
    }

    private static Optional<String> featureOf(String packageName) {
        if (!packageName.startsWith(BASE)) {
            return Optional.empty();
        }
        String rest = packageName.substring(BASE.length());
        int dot = rest.indexOf('.');
        return Optional.of(dot < 0 ? rest : rest.substring(0, dot));
    }
}
