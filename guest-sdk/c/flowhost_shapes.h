// The shapes that the contract is made of: text, options and lists, laid out in memory
// as the component model wants them. In C++ the same have methods.

#ifndef FLOWHOST_SHAPES_H
#define FLOWHOST_SHAPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// An import of the component. Outside WebAssembly `flowhost_testing.h` takes its place.
#ifdef __wasm__
#define FH_IMPORT(interface, function) \
  __attribute__((import_module(interface), import_name(function)))
#define FH_EXPORT(function) __attribute__((export_name(function)))
#else
#define FH_IMPORT(interface, function)
#define FH_EXPORT(function)
#endif

#ifdef __cplusplus

#include <cstring>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <type_traits>

// Text in UTF-8, not ended by a zero. Any text becomes one, and it becomes a view.
struct fh_string {
  const char *ptr;
  size_t len;

  fh_string() = default;
  constexpr fh_string(const char *ptr, size_t len) : ptr(ptr), len(len) {}
  template <class T, class = std::enable_if_t<std::is_convertible_v<const T &, std::string_view>>>
  constexpr fh_string(const T &text)
      : ptr(std::string_view(text).data()), len(std::string_view(text).size()) {}

  constexpr operator std::string_view() const { return {ptr, len}; }
  constexpr std::string_view view() const { return {ptr, len}; }
  template <class T, class = std::enable_if_t<std::is_convertible_v<const T &, std::string_view>>>
  friend constexpr bool operator==(const fh_string &one, const T &other) {
    return one.view() == std::string_view(other);
  }
};

namespace flowhost {

template <class T>
struct option {
  bool is_some;
  T value;

  option() = default;
  constexpr option(bool is_some, T value) : is_some(is_some), value(value) {}
  constexpr option(std::nullopt_t) : is_some(false), value() {}
  template <class U, class = std::enable_if_t<std::is_convertible_v<const U &, T>>>
  constexpr option(const U &value) : is_some(true), value(value) {}

  constexpr explicit operator bool() const { return is_some; }
  constexpr bool has_value() const { return is_some; }
  constexpr const T &operator*() const { return value; }
  constexpr const T *operator->() const { return &value; }
  constexpr T value_or(T other) const { return is_some ? value : other; }
};

// Of others' memory. One that is made of braces lives as long as the call it is for.
template <class T>
struct list {
  const T *ptr;
  size_t len;

  list() = default;
  constexpr list(const T *ptr, size_t len) : ptr(ptr), len(len) {}
  constexpr list(std::initializer_list<T> items) : ptr(items.begin()), len(items.size()) {}
  template <class C, class = decltype(std::declval<const C &>().data())>
  constexpr list(const C &items) : ptr(items.data()), len(items.size()) {}

  constexpr const T *begin() const { return ptr; }
  constexpr const T *end() const { return ptr + len; }
  constexpr size_t size() const { return len; }
  constexpr bool empty() const { return len == 0; }
  constexpr const T &operator[](size_t index) const { return ptr[index]; }
};

}  // namespace flowhost

// Whether a shape is one that C may return is known once its size is.
#define FH_OPTION(name, of)           \
  typedef flowhost::option<of> name; \
  static_assert(sizeof(name) > sizeof(of));
#define FH_LIST(name, of)           \
  typedef flowhost::list<of> name; \
  static_assert(sizeof(name) == 2 * sizeof(size_t));

#else

// Text in UTF-8, not ended by a zero.
typedef struct {
  const char *ptr;
  size_t len;
} fh_string;

#define FH_OPTION(name, of) \
  typedef struct {          \
    bool is_some;           \
    of value;               \
  } name;

#define FH_LIST(name, of) \
  typedef struct {        \
    const of *ptr;        \
    size_t len;           \
  } name;

#endif

// A name and its value: of metadata, of a query, of the secrets.
typedef struct {
  fh_string name;
  fh_string value;
} fh_pair;

#endif
