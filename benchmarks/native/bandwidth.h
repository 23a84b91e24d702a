/*
 * The bound for every scan, however it is written: reading the columns that it touches.
 */
#ifndef STOWAGE_BANDWIDTH_H
#define STOWAGE_BANDWIDTH_H

#include <stdint.h>

/* Prints a JSON line with the time to read them once. @param ms how long to measure */
void measure_bandwidth(int32_t agents, int32_t resources, double ms);

#endif
