/* Provokes the panic of panic.rs. With HOOK the program has the hook of the
 * firmware, and exits with 42 from there; without it, it only links. */
#define BOJAGI_BARE
#include <bojagi.h>
#include "machine.h"

uint8_t byte_at(size_t index);

#ifdef HOOK
void bojagi_abort(void)
{
    machine_exit(42);
}
#endif

int main(void)
{
    return byte_at(2) == 4 ? byte_at((size_t)machine_stack()) : 1;
}
