#pragma once
#include <hdf5.h>
#include <hdf5_hl.h>

// HDF5 names its types, property list classes and flags by macros over global variables, which
// Swift cannot import: one function each. They initialise the library on first use.

// Types as stored: little-endian whatever the machine, so that a file is the same everywhere.
static inline hid_t chdf5_stored_int8(void) { return H5T_STD_I8LE; }
static inline hid_t chdf5_stored_int32(void) { return H5T_STD_I32LE; }
static inline hid_t chdf5_stored_int64(void) { return H5T_STD_I64LE; }
static inline hid_t chdf5_stored_uint64(void) { return H5T_STD_U64LE; }
static inline hid_t chdf5_stored_float(void) { return H5T_IEEE_F32LE; }
static inline hid_t chdf5_stored_double(void) { return H5T_IEEE_F64LE; }

// The same types in memory.
static inline hid_t chdf5_native_int8(void) { return H5T_NATIVE_INT8; }
static inline hid_t chdf5_native_int32(void) { return H5T_NATIVE_INT32; }
static inline hid_t chdf5_native_int64(void) { return H5T_NATIVE_INT64; }
static inline hid_t chdf5_native_uint64(void) { return H5T_NATIVE_UINT64; }
static inline hid_t chdf5_native_float(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t chdf5_native_double(void) { return H5T_NATIVE_DOUBLE; }

static inline hid_t chdf5_c_string(void) { return H5T_C_S1; }
static inline size_t chdf5_variable_length(void) { return H5T_VARIABLE; }

static inline hid_t chdf5_file_creation(void) { return H5P_FILE_CREATE; }
static inline hid_t chdf5_file_access(void) { return H5P_FILE_ACCESS; }
static inline hid_t chdf5_group_creation(void) { return H5P_GROUP_CREATE; }
static inline hid_t chdf5_dataset_creation(void) { return H5P_DATASET_CREATE; }
static inline hid_t chdf5_transfer(void) { return H5P_DATASET_XFER; }
static inline hid_t chdf5_default_properties(void) { return H5P_DEFAULT; }
static inline unsigned chdf5_creation_order(void) {
  return H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
}

static inline unsigned chdf5_truncate(void) { return H5F_ACC_TRUNC; }
static inline unsigned chdf5_read_only(void) { return H5F_ACC_RDONLY; }

static inline hid_t chdf5_whole_space(void) { return H5S_ALL; }
static inline hid_t chdf5_error_stack(void) { return H5E_DEFAULT; }

// The two attributes of HDF5 Dimension Scales 1.0, with the types that H5DS.c gives them.
static inline hid_t chdf5_object_reference(void) { return H5T_STD_REF_OBJ; }
static inline herr_t chdf5_refer(hid_t object, hobj_ref_t *reference) {
  return H5Rcreate(reference, object, ".", H5R_OBJECT, -1);
}
static inline const char *chdf5_dimension_list(void) { return DIMENSION_LIST; }
static inline const char *chdf5_reference_list(void) { return REFERENCE_LIST; }

typedef struct {
  hobj_ref_t dataset;
  unsigned int dimension;
} chdf5_dimension_use;

static inline hid_t chdf5_dimension_use_type(void) {
  hid_t type = H5Tcreate(H5T_COMPOUND, sizeof(chdf5_dimension_use));
  if (type < 0) return type;
  if (H5Tinsert(type, "dataset", HOFFSET(chdf5_dimension_use, dataset), H5T_STD_REF_OBJ) < 0 ||
      H5Tinsert(type, "dimension", HOFFSET(chdf5_dimension_use, dimension), H5T_NATIVE_UINT) < 0) {
    H5Tclose(type);
    return H5I_INVALID_HID;
  }
  return type;
}

// Creates the attribute `name` as a list of `count` values.
static inline herr_t chdf5_write_list_attribute(
    hid_t object, const char *name, hid_t type, hsize_t count, const void *values) {
  hid_t space = H5Screate_simple(1, &count, NULL);
  if (space < 0) return -1;
  hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  herr_t status = attribute < 0 ? -1 : H5Awrite(attribute, type, values);
  if (attribute >= 0 && H5Aclose(attribute) < 0) status = -1;
  if (H5Sclose(space) < 0) status = -1;
  return status;
}

// The calling thread's errors are collected, not printed.
static inline void chdf5_silence_errors(void) { H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }

// Result files are replaced by rename and never changed in place, so that readers need no lock;
// asking for one fails on file systems that have none.
static inline herr_t chdf5_disable_file_locking(hid_t access) {
#if H5_VERSION_GE(1, 12, 1) || (H5_VERS_MINOR == 10 && H5_VERS_RELEASE >= 7)
  return H5Pset_file_locking(access, 0, 1);
#else
  (void)access;
  return 0;
#endif
}

// Frees what the library allocated for variable-length elements.
static inline herr_t chdf5_reclaim(hid_t type, hid_t space, void *buffer) {
#if H5_VERSION_GE(1, 12, 0)
  return H5Treclaim(type, space, H5P_DEFAULT, buffer);
#else
  return H5Dvlen_reclaim(type, space, H5P_DEFAULT, buffer);
#endif
}
