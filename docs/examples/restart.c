/* Watches a camera for good, also one that isn't there yet:
 *
 *   restart rtsp://camera/stream
 *
 * A session that has played comes back by itself (property "reconnect"). What an application has to do is to try
 * again when the camera couldn't be reached at the start: with a delay that grows. */

#include <glib-unix.h>
#include <gst/gst.h>

#define FIRST_DELAY_MS 250
#define LONGEST_DELAY_MS 30000

typedef struct
{
  GMainLoop *loop;
  GstElement *pipeline;
  guint delay_ms;
} Watcher;

static gboolean
start (gpointer data)
{
  Watcher *watcher = data;

  gst_element_set_state (watcher->pipeline, GST_STATE_PLAYING);
  return G_SOURCE_REMOVE;
}

/* The session plays. */
static gboolean
is_opened (GstMessage * message)
{
  GstProgressType type;
  gchar *code = NULL;
  gboolean opened;

  gst_message_parse_progress (message, &type, &code, NULL);
  opened = type == GST_PROGRESS_TYPE_COMPLETE && g_str_equal (code, "open");
  g_free (code);
  return opened;
}

static gboolean
on_message (GstBus * bus, GstMessage * message, gpointer data)
{
  Watcher *watcher = data;

  switch (GST_MESSAGE_TYPE (message)) {
    case GST_MESSAGE_ERROR:{
      GError *error = NULL;

      gst_message_parse_error (message, &error, NULL);
      g_print ("%s Again in %u ms.\n", error->message, watcher->delay_ms);
      g_error_free (error);
      gst_element_set_state (watcher->pipeline, GST_STATE_NULL);
      /* An element may post a second error for the same fault: one of them starts again. */
      gst_bus_set_flushing (bus, TRUE);
      gst_bus_set_flushing (bus, FALSE);
      g_timeout_add (watcher->delay_ms, start, watcher);
      watcher->delay_ms = MIN (watcher->delay_ms * 2, LONGEST_DELAY_MS);
      break;
    }
    case GST_MESSAGE_PROGRESS:
      if (is_opened (message)) {
        g_print ("playing\n");
        watcher->delay_ms = FIRST_DELAY_MS;
      }
      break;
    case GST_MESSAGE_ELEMENT:
      if (gst_message_has_name (message, "retina-reconnecting"))
        g_print ("reconnecting\n");
      else if (gst_message_has_name (message, "retina-reconnected"))
        g_print ("reconnected\n");
      break;
    case GST_MESSAGE_EOS:      /* a recording has ended */
      g_main_loop_quit (watcher->loop);
      break;
    default:
      break;
  }
  return G_SOURCE_CONTINUE;
}

static gboolean
on_interrupt (gpointer data)
{
  g_main_loop_quit (((Watcher *) data)->loop);
  return G_SOURCE_CONTINUE;
}

int
main (int argc, char **argv)
{
  Watcher watcher = { NULL, NULL, FIRST_DELAY_MS };
  GError *error = NULL;
  GstElement *camera;
  GstBus *bus;

  gst_init (&argc, &argv);
  if (argc != 2) {
    g_printerr ("usage: %s URL\n", argv[0]);
    return 2;
  }
  watcher.pipeline = gst_parse_launch ("retinasrc name=camera ! fakesink", &error);
  if (error != NULL) {
    g_printerr ("%s\n", error->message);
    return 1;
  }
  camera = gst_bin_get_by_name (GST_BIN (watcher.pipeline), "camera");
  g_object_set (camera, "location", argv[1], NULL);
  gst_object_unref (camera);

  watcher.loop = g_main_loop_new (NULL, FALSE);
  bus = gst_element_get_bus (watcher.pipeline);
  gst_bus_add_watch (bus, on_message, &watcher);
  g_unix_signal_add (SIGINT, on_interrupt, &watcher);
  start (&watcher);
  g_main_loop_run (watcher.loop);

  gst_element_set_state (watcher.pipeline, GST_STATE_NULL);
  gst_bus_remove_watch (bus);
  gst_object_unref (bus);
  gst_object_unref (watcher.pipeline);
  g_main_loop_unref (watcher.loop);
  return 0;
}
