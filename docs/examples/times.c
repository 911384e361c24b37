/* Prints when the camera took each frame, in UTC by the camera's clock, until Ctrl-C:
 *
 *   times rtsp://camera/stream
 *
 * Before the camera's first sender report there is no such time, with some cameras never: then the line says when the
 * frame arrived, by this computer's clock. */

#include <gst/gst.h>

/* Nanoseconds of the meta with this reference; GST_CLOCK_TIME_NONE: the buffer has none. */
static GstClockTime
reference_time (GstBuffer * buffer, const char *reference)
{
  GstCaps *caps = gst_caps_new_empty_simple (reference);
  GstReferenceTimestampMeta *meta = gst_buffer_get_reference_timestamp_meta (buffer, caps);

  gst_caps_unref (caps);
  return meta != NULL ? meta->timestamp : GST_CLOCK_TIME_NONE;
}

static void
print_time (const char *what, gint64 microseconds)
{
  GDateTime *seconds = g_date_time_new_from_unix_utc (microseconds / G_USEC_PER_SEC);
  gchar *text = g_date_time_format (seconds, "%Y-%m-%dT%H:%M:%S");

  g_print ("%s %s.%06dZ\n", what, text, (int) (microseconds % G_USEC_PER_SEC));
  g_free (text);
  g_date_time_unref (seconds);
}

/* On the streaming thread. */
static GstPadProbeReturn
on_buffer (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  GstClockTime captured = reference_time (buffer, "timestamp/x-unix");
  GstClockTime arrived = reference_time (buffer, "timestamp/x-system-monotonic");

  if (GST_CLOCK_TIME_IS_VALID (captured))
    print_time ("captured", (gint64) (captured / GST_USECOND));
  else if (GST_CLOCK_TIME_IS_VALID (arrived))
    print_time ("arrived", g_get_real_time () - g_get_monotonic_time () + (gint64) (arrived / GST_USECOND));
  return GST_PAD_PROBE_OK;
}

int
main (int argc, char **argv)
{
  GError *error = NULL;
  GstElement *pipeline, *camera;
  GstPad *pad;
  GstBus *bus;
  GstMessage *message;
  gboolean failed;

  gst_init (&argc, &argv);
  if (argc != 2) {
    g_printerr ("usage: %s URL\n", argv[0]);
    return 2;
  }
  pipeline = gst_parse_launch ("retinasrc name=camera ! fakesink", &error);
  if (error != NULL) {
    g_printerr ("%s\n", error->message);
    return 1;
  }
  camera = gst_bin_get_by_name (GST_BIN (pipeline), "camera");
  g_object_set (camera, "location", argv[1], NULL);
  pad = gst_element_get_static_pad (camera, "src");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_buffer, NULL, NULL);
  gst_object_unref (pad);
  gst_object_unref (camera);

  bus = gst_element_get_bus (pipeline);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  failed = GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR;
  if (failed) {
    gst_message_parse_error (message, &error, NULL);
    g_printerr ("%s\n", error->message);
    g_error_free (error);
  }
  gst_message_unref (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (pipeline);
  return failed ? 1 : 0;
}
