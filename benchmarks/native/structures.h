/*
 * The structures that answer "which agent is best for this class now": greatest score, then lowest row, -1 when no
 * agent has room. All are views of the cluster that catch up with its journal when asked.
 */
#ifndef STOWAGE_STRUCTURES_H
#define STOWAGE_STRUCTURES_H

#include "cluster.h"

struct scan;
struct scan *make_scan(const struct cluster *cluster);
int32_t scan_find(struct scan *scan, int32_t class);
void free_scan(struct scan *scan);

struct vector_scan;
struct vector_scan *make_vector_scan(const struct cluster *cluster);
int32_t vector_scan_find(struct vector_scan *scan, int32_t class);
void free_vector_scan(struct vector_scan *scan);

struct class_trees;
struct class_trees *make_class_trees(const struct cluster *cluster);
int32_t class_trees_find(struct class_trees *trees, int32_t class);
void free_class_trees(struct class_trees *trees);

struct ordered_index;
struct ordered_index *make_ordered_index(const struct cluster *cluster);
int32_t ordered_index_find(struct ordered_index *index, int32_t class);
void free_ordered_index(struct ordered_index *index);

#endif
