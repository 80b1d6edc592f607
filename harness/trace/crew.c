#include "harness/trace/crew.h"

#include "harness/trace/setting.h"

struct member {
    struct crew *crew;
    int number;
};

/* Hands the turn to `next` and waits until it is `own` again. The lock is held. */
static void pass_turn(struct crew *crew, int next, int own)
{
    crew->whose = next;
    pthread_cond_broadcast(&crew->turn);
    while (crew->whose != own)
        pthread_cond_wait(&crew->turn, &crew->lock);
}

static void *work(void *argument)
{
    struct member *given = argument, self = *given;
    struct crew *crew = self.crew;
    crew->enter(crew->context, self.number);
    pthread_mutex_lock(&crew->lock);
    pass_turn(crew, 0, self.number); /* the starter has gone on: `given` must not be used any more */
    while (!crew->is_last) {
        crew->job(crew->context);
        pass_turn(crew, 0, self.number);
    }
    crew->leave(crew->context, self.number);
    crew->whose = 0; /* whoever ends this thread waits for its end, not for the turn */
    pthread_mutex_unlock(&crew->lock);
    return NULL;
}

static bool start(struct crew *crew, int thread)
{
    struct member member = {crew, thread};
    pthread_mutex_lock(&crew->lock);
    crew->whose = thread;
    crew->is_last = false;
    crew->running[thread] = setting_thread(&crew->threads[thread], 0, work, &member);
    while (crew->running[thread] && crew->whose != 0)
        pthread_cond_wait(&crew->turn, &crew->lock);
    crew->whose = 0;
    pthread_mutex_unlock(&crew->lock);
    return crew->running[thread];
}

bool crew_do(struct crew *crew, int thread)
{
    if (!crew->running[thread] && !start(crew, thread))
        return false;
    pthread_mutex_lock(&crew->lock);
    crew->is_last = false;
    pass_turn(crew, thread, 0);
    pthread_mutex_unlock(&crew->lock);
    return true;
}

void crew_end(struct crew *crew, int thread)
{
    if (!crew->running[thread])
        return;
    pthread_mutex_lock(&crew->lock);
    crew->is_last = true;
    crew->whose = thread;
    pthread_cond_broadcast(&crew->turn);
    pthread_mutex_unlock(&crew->lock);
    pthread_join(crew->threads[thread], NULL);
    crew->running[thread] = false;
    crew->is_last = false;
    crew->gone(crew->context, thread);
}

void crew_end_all(struct crew *crew)
{
    for (int thread = 1; thread < FLIGHT_THREADS; thread++)
        crew_end(crew, thread);
}
