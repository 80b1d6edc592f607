/* The contract as data: rows that a reader, a report and a scenario can rely on. */
#include <check.h>
#include <ctype.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/contract.h"
#include "harness/oracle/law.h"
#include "harness/sandbox/flight.h"

static int count_id(const char *id)
{
    int count = 0;
    for (size_t i = 0; i < contract_clause_count(); i++)
        count += strcmp(contract_clause(i)->id, id) == 0;
    return count;
}

/* Loops go over the rows of every contract: the number of a row behind the number of its contract. */
enum { EACH = 1000 };

static size_t enter_contract(int i)
{
    ck_assert(contract_select(contract_at((size_t)i / EACH)->name));
    return (size_t)i % EACH;
}

START_TEST(every_clause_is_told_whole)
{
    const struct clause *clause = contract_clause(enter_contract(_i));
    const char *const texts[] = {clause->id,     clause->strength, clause->statement,
                                 clause->source, clause->why,      clause->broken_by};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        ck_assert_msg(texts[i] != NULL && texts[i][0] != '\0', "%s: text %zu is empty", clause->id, i);
    for (const char *at = clause->id; *at != '\0'; at++)
        ck_assert_msg(islower((unsigned char)*at) || *at == '-' || *at == '/', "%s is no slug", clause->id);
    ck_assert_int_eq(count_id(clause->id), 1);
    ck_assert_msg(clause->moot_if == NULL || count_id(clause->moot_if) == 1, "%s: moot_if names no clause", clause->id);
}
END_TEST

START_TEST(every_law_of_the_oracle_is_a_clause)
{
    int count = 0;
    for (size_t i = 0; i < contract_count(); i++) {
        ck_assert(contract_select(contract_at(i)->name));
        count += count_id(law_id((enum law)_i));
    }
    ck_assert_int_ge(count, 1);
}
END_TEST

START_TEST(every_scenario_exercises_some_clause)
{
    const struct scenario *scenario = contract_scenario(enter_contract(_i));
    int exercised = 0;
    for (size_t i = 0; i < contract_clause_count(); i++)
        exercised += scenario_exercises(scenario, contract_clause(i)->id);
    ck_assert_msg(exercised > 0, "%s exercises nothing", scenario->name);
    ck_assert_ptr_nonnull(scenario->run);
    ck_assert_ptr_nonnull(strchr(scenario->name, '/'));
    ck_assert_ptr_eq(contract_find_scenario(scenario->name), scenario);
}
END_TEST

/* What every clause of a scenario needs, the scenario needs: it is not run for nothing. */
START_TEST(a_scenario_needs_what_all_its_clauses_need)
{
    const struct scenario *scenario = contract_scenario(enter_contract(_i));
    unsigned shared = ~0u;
    for (size_t i = 0; i < contract_clause_count(); i++)
        if (scenario_exercises(scenario, contract_clause(i)->id))
            shared &= contract_clause(i)->needs;
    unsigned said = scenario->needs | (scenario->needs & NEEDS_PURE_USABLE_SIZE ? NEEDS_USABLE_SIZE : 0);
    ck_assert_msg((shared & ~said) == 0, "%s does not say that it needs %#x", scenario->name, shared & ~said);
}
END_TEST

/* What a file says once for all its scenarios reaches each of them. */
START_TEST(every_scenario_of_threads_relies_on_them)
{
    int count = 0;
    ck_assert(contract_select(CONTRACT_RUST));
    for (size_t i = 0; i < contract_scenario_count(); i++) {
        const struct scenario *scenario = contract_scenario(i);
        bool is_about_threads = strncmp(scenario->name, "threads/", strlen("threads/")) == 0;
        count += is_about_threads;
        if (is_about_threads)
            ck_assert_str_eq(scenario->relies_on, "threads");
    }
    ck_assert_int_ge(count, 20);
    ck_assert_ptr_null(contract_find_scenario("block/fill-and-free")->relies_on);
}
END_TEST

/* A race shows in a clause that one thread keeps; a clause about threads, or about what one call answers, is none. */
START_TEST(clauses_that_tell_of_a_race_are_marked)
{
    static const char *const telling[] = {"block/disjoint", "zeroing/allocate-zeroed", "reallocate/slack-contents",
                                          "in-place/shrunk", "usable-size/pure"};
    static const char *const others[] = {"threads/concurrent", "threads/progress", "alignment/allocate", "abi/returns",
                                         "exhaustion/null"};
    ck_assert(contract_select(CONTRACT_RUST));
    for (size_t i = 0; i < sizeof telling / sizeof *telling; i++)
        ck_assert(contract_clause((size_t)contract_clause_index(telling[i]))->tells_of_race);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        ck_assert(!contract_clause((size_t)contract_clause_index(others[i]))->tells_of_race);
}
END_TEST

START_TEST(the_tables_have_room)
{
    ck_assert_uint_le(contract_clause_count(), FLIGHT_CLAUSES);
    ck_assert_int_eq(contract_clause_index("no/such-clause"), -1);
    ck_assert_ptr_null(contract_find_scenario("no/such-scenario"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("contract");
    TCase *rows = tcase_create("rows");
    for (int c = 0; c < (int)contract_count(); c++) {
        contract_select(contract_at((size_t)c)->name);
        tcase_add_loop_test(rows, every_clause_is_told_whole, c * EACH, c * EACH + (int)contract_clause_count());
        tcase_add_loop_test(rows, every_scenario_exercises_some_clause, c * EACH,
                            c * EACH + (int)contract_scenario_count());
        tcase_add_loop_test(rows, a_scenario_needs_what_all_its_clauses_need, c * EACH,
                            c * EACH + (int)contract_scenario_count());
    }
    tcase_add_loop_test(rows, every_law_of_the_oracle_is_a_clause, 0, LAW_COUNT);
    tcase_add_test(rows, every_scenario_of_threads_relies_on_them);
    tcase_add_test(rows, clauses_that_tell_of_a_race_are_marked);
    tcase_add_test(rows, the_tables_have_room);
    suite_add_tcase(suite, rows);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
