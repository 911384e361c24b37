/* Records a camera's video and audio, without decoding them, into an mp4 file:
 *
 *   record rtsp://camera/stream camera.mp4
 *
 * until Ctrl-C, which ends the file properly. */

#include <glib-unix.h>
#include <gst/gst.h>

typedef struct
{
  GMainLoop *loop;
  GstElement *pipeline;
  GstElement *mux;
  gboolean failed;
} Recorder;

/* On the thread that opens the session, for each of the camera's streams. */
static void
on_pad_added (GstElement * camera, GstPad * pad, gpointer data)
{
  Recorder *recorder = data;
  GstPad *mux_pad = gst_element_get_compatible_pad (recorder->mux, pad, NULL);
  GstElement *queue;
  GstPad *queue_sink, *queue_src;

  if (mux_pad == NULL) {        /* metadata, say; an unlinked pad stops nothing */
    g_printerr ("%s isn't recorded: not for mp4\n", GST_PAD_NAME (pad));
    return;
  }
  queue = gst_element_factory_make ("queue", NULL);
  gst_bin_add (GST_BIN (recorder->pipeline), queue);
  queue_sink = gst_element_get_static_pad (queue, "sink");
  queue_src = gst_element_get_static_pad (queue, "src");
  gst_pad_link (queue_src, mux_pad);
  gst_element_sync_state_with_parent (queue);
  gst_pad_link (pad, queue_sink);
  gst_object_unref (queue_src);
  gst_object_unref (queue_sink);
  gst_object_unref (mux_pad);
}

static gboolean
on_interrupt (gpointer data)
{
  Recorder *recorder = data;

  g_print ("Ending the file\n");
  gst_element_send_event (recorder->pipeline, gst_event_new_eos ());
  return G_SOURCE_CONTINUE;
}

static gboolean
on_message (GstBus * bus, GstMessage * message, gpointer data)
{
  Recorder *recorder = data;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    GError *error = NULL;

    gst_message_parse_error (message, &error, NULL);
    g_printerr ("%s\n", error->message);
    g_error_free (error);
    recorder->failed = TRUE;
  }
  if (recorder->failed || GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS)
    g_main_loop_quit (recorder->loop);
  return G_SOURCE_CONTINUE;
}

int
main (int argc, char **argv)
{
  Recorder recorder = { NULL, NULL, NULL, FALSE };
  GstElement *camera, *sink;
  GstBus *bus;

  gst_init (&argc, &argv);
  if (argc != 3) {
    g_printerr ("usage: %s URL FILE\n", argv[0]);
    return 2;
  }
  recorder.loop = g_main_loop_new (NULL, FALSE);
  recorder.pipeline = gst_pipeline_new (NULL);
  camera = gst_element_factory_make ("retinabin", NULL);
  recorder.mux = gst_element_factory_make ("mp4mux", NULL);
  sink = gst_element_factory_make ("filesink", NULL);
  if (camera == NULL || recorder.mux == NULL || sink == NULL) {
    g_printerr ("retinabin, mp4mux and filesink are needed (GST_PLUGIN_PATH?)\n");
    return 1;
  }
  g_object_set (camera, "location", argv[1], NULL);
  g_object_set (sink, "location", argv[2], NULL);
  gst_bin_add_many (GST_BIN (recorder.pipeline), camera, recorder.mux, sink, NULL);
  gst_element_link (recorder.mux, sink);
  g_signal_connect (camera, "pad-added", G_CALLBACK (on_pad_added), &recorder);

  bus = gst_element_get_bus (recorder.pipeline);
  gst_bus_add_watch (bus, on_message, &recorder);
  g_unix_signal_add (SIGINT, on_interrupt, &recorder);
  gst_element_set_state (recorder.pipeline, GST_STATE_PLAYING);
  g_main_loop_run (recorder.loop);

  gst_element_set_state (recorder.pipeline, GST_STATE_NULL);
  gst_bus_remove_watch (bus);
  gst_object_unref (bus);
  gst_object_unref (recorder.pipeline);
  g_main_loop_unref (recorder.loop);
  return recorder.failed ? 1 : 0;
}
