#pragma once

#include <gio/gio.h>

namespace retina::fuzz {

/// A resolver that knows no name: what a fuzzed reply names is looked up nowhere. Addresses and "localhost"
/// go past a resolver.
class NoNames {
 public:
  static void install() {
    const GType type = g_type_register_static_simple(
        G_TYPE_RESOLVER, "FuzzNoNames", sizeof(GResolverClass), [](gpointer klass, gpointer) { init(klass); },
        sizeof(GResolver), nullptr, static_cast<GTypeFlags>(0));
    auto* resolver = static_cast<GResolver*>(g_object_new(type, nullptr));
    g_resolver_set_default(resolver);
    g_object_unref(resolver);
  }

 private:
  static void init(gpointer klass) {
    auto* const of = static_cast<GResolverClass*>(klass);
    of->lookup_by_name = [](GResolver*, const gchar*, GCancellable*, GError** error) { return none(error); };
    of->lookup_by_name_async = [](GResolver* resolver, const gchar*, GCancellable* cancellable,
                                  GAsyncReadyCallback done,
                                  gpointer data) { answer(resolver, cancellable, done, data); };
    of->lookup_by_name_finish = finish;
    of->lookup_by_name_with_flags = [](GResolver*, const gchar*, GResolverNameLookupFlags, GCancellable*,
                                       GError** error) { return none(error); };
    of->lookup_by_name_with_flags_async = [](GResolver* resolver, const gchar*, GResolverNameLookupFlags,
                                             GCancellable* cancellable, GAsyncReadyCallback done,
                                             gpointer data) { answer(resolver, cancellable, done, data); };
    of->lookup_by_name_with_flags_finish = finish;
  }

  static GList* none(GError** error) {
    g_set_error_literal(error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, "no such name");
    return nullptr;
  }
  static void answer(GResolver* resolver, GCancellable* cancellable, GAsyncReadyCallback done,
                     gpointer data) {
    GTask* task = g_task_new(resolver, cancellable, done, data);
    g_task_return_new_error(task, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, "no such name");
    g_object_unref(task);
  }
  static GList* finish(GResolver*, GAsyncResult* result, GError** error) {
    return static_cast<GList*>(
        g_task_propagate_pointer(static_cast<GTask*>(static_cast<void*>(result)), error));
  }
};

}  // namespace retina::fuzz
