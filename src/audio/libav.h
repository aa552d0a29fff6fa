/* SPDX-License-Identifier: MIT */
/*
 * Private to audio/: FFmpeg's libraries, loaded when the first of their functions is called.
 *
 * They bring over a hundred more with them, which cost a program's start four times what all else
 * does: reading notes, writing chapters and asking the cache need none of them. So the program is
 * not linked with them; their functions keep their names, and are found in the libraries whose
 * headers we were built with. A function that we begin to use wants a row in both lists: the linker
 * and the compiler tell where one is forgotten.
 */
#ifndef CLIPNOTES_AUDIO_LIBAV_H
#define CLIPNOTES_AUDIO_LIBAV_H

#include <libavcodec/avcodec.h>
#include <libavcodec/vorbis_parser.h>
#include <libavformat/avformat.h>
#include <libavutil/audio_fifo.h>
#include <libavutil/base64.h>
#include <libavutil/crc.h>
#include <libavutil/log.h>
#include <libavutil/md5.h>
#include <libavutil/mem.h>
#include <libavutil/opt.h>
#include <libswresample/swresample.h>

/* F(library, function) */
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(61, 13, 100)
#define LIBAV_FUNCTIONS_OF_7_1(F) F(avcodec, avcodec_get_supported_config)
#else
#define LIBAV_FUNCTIONS_OF_7_1(F)
#endif
#define LIBAV_FUNCTIONS(F)                                                                         \
    LIBAV_FUNCTIONS_OF_7_1(F)                                                                      \
    F(avutil, av_audio_fifo_alloc)                                                                 \
    F(avutil, av_audio_fifo_free)                                                                  \
    F(avutil, av_audio_fifo_read)                                                                  \
    F(avutil, av_audio_fifo_size)                                                                  \
    F(avutil, av_audio_fifo_write)                                                                 \
    F(avutil, av_base64_encode)                                                                    \
    F(avutil, av_channel_layout_compare)                                                           \
    F(avutil, av_channel_layout_copy)                                                              \
    F(avutil, av_channel_layout_default)                                                           \
    F(avutil, av_channel_layout_from_mask)                                                         \
    F(avutil, av_channel_layout_uninit)                                                            \
    F(avutil, av_crc)                                                                              \
    F(avutil, av_crc_get_table)                                                                    \
    F(avutil, av_dict_free)                                                                        \
    F(avutil, av_dict_get)                                                                         \
    F(avutil, av_dict_parse_string)                                                                \
    F(avutil, av_dict_set)                                                                         \
    F(avutil, av_frame_alloc)                                                                      \
    F(avutil, av_frame_free)                                                                       \
    F(avutil, av_frame_get_buffer)                                                                 \
    F(avutil, av_frame_move_ref)                                                                   \
    F(avutil, av_frame_unref)                                                                      \
    F(avutil, av_free)                                                                             \
    F(avutil, av_freep)                                                                            \
    F(avutil, av_get_bytes_per_sample)                                                             \
    F(avutil, av_get_packed_sample_fmt)                                                            \
    F(avutil, av_log_set_level)                                                                    \
    F(avutil, av_malloc)                                                                           \
    F(avutil, av_mallocz)                                                                          \
    F(avutil, av_md5_alloc)                                                                        \
    F(avutil, av_md5_final)                                                                        \
    F(avutil, av_md5_init)                                                                         \
    F(avutil, av_md5_update)                                                                       \
    F(avutil, av_opt_set_double)                                                                   \
    F(avutil, av_opt_set_int)                                                                      \
    F(avutil, av_realloc)                                                                          \
    F(avutil, av_rescale)                                                                          \
    F(avutil, av_rescale_q)                                                                        \
    F(avutil, av_sample_fmt_is_planar)                                                             \
    F(avutil, av_samples_copy)                                                                     \
    F(avutil, av_samples_set_silence)                                                              \
    F(avutil, av_strerror)                                                                         \
    F(swresample, swr_alloc_set_opts2)                                                             \
    F(swresample, swr_convert_frame)                                                               \
    F(swresample, swr_free)                                                                        \
    F(swresample, swr_init)                                                                        \
    F(avcodec, av_get_bits_per_sample)                                                             \
    F(avcodec, av_get_exact_bits_per_sample)                                                       \
    F(avcodec, av_new_packet)                                                                      \
    F(avcodec, av_packet_alloc)                                                                    \
    F(avcodec, av_packet_free)                                                                     \
    F(avcodec, av_packet_free_side_data)                                                           \
    F(avcodec, av_packet_get_side_data)                                                            \
    F(avcodec, av_packet_move_ref)                                                                 \
    F(avcodec, av_packet_new_side_data)                                                            \
    F(avcodec, av_packet_rescale_ts)                                                               \
    F(avcodec, av_packet_unref)                                                                    \
    F(avcodec, av_vorbis_parse_frame)                                                              \
    F(avcodec, av_vorbis_parse_free)                                                               \
    F(avcodec, av_vorbis_parse_init)                                                               \
    F(avcodec, av_vorbis_parse_reset)                                                              \
    F(avcodec, avcodec_alloc_context3)                                                             \
    F(avcodec, avcodec_find_decoder)                                                               \
    F(avcodec, avcodec_find_encoder)                                                               \
    F(avcodec, avcodec_find_encoder_by_name)                                                       \
    F(avcodec, avcodec_flush_buffers)                                                              \
    F(avcodec, avcodec_free_context)                                                               \
    F(avcodec, avcodec_get_name)                                                                   \
    F(avcodec, avcodec_open2)                                                                      \
    F(avcodec, avcodec_parameters_alloc)                                                           \
    F(avcodec, avcodec_parameters_copy)                                                            \
    F(avcodec, avcodec_parameters_free)                                                            \
    F(avcodec, avcodec_parameters_from_context)                                                    \
    F(avcodec, avcodec_parameters_to_context)                                                      \
    F(avcodec, avcodec_receive_frame)                                                              \
    F(avcodec, avcodec_receive_packet)                                                             \
    F(avcodec, avcodec_send_frame)                                                                 \
    F(avcodec, avcodec_send_packet)                                                                \
    F(avcodec, avcodec_version)                                                                    \
    F(avformat, av_find_best_stream)                                                               \
    F(avformat, av_find_input_format)                                                              \
    F(avformat, av_read_frame)                                                                     \
    F(avformat, av_seek_frame)                                                                     \
    F(avformat, av_write_frame)                                                                    \
    F(avformat, av_write_trailer)                                                                  \
    F(avformat, avformat_alloc_context)                                                            \
    F(avformat, avformat_alloc_output_context2)                                                    \
    F(avformat, avformat_close_input)                                                              \
    F(avformat, avformat_find_stream_info)                                                         \
    F(avformat, avformat_free_context)                                                             \
    F(avformat, avformat_new_stream)                                                               \
    F(avformat, avformat_open_input)                                                               \
    F(avformat, avformat_version)                                                                  \
    F(avformat, avformat_write_header)                                                             \
    F(avformat, avio_alloc_context)                                                                \
    F(avformat, avio_context_free)                                                                 \
    F(avformat, avio_flush)                                                                        \
    F(avformat, avio_seek)                                                                         \
    F(avformat, avio_write)

#define LIBAV_MEMBER(library, function) __typeof__(function) *function;
struct libav {
    LIBAV_FUNCTIONS(LIBAV_MEMBER)
};
#undef LIBAV_MEMBER

/* The functions, for all threads. Where a library is missing no caller could go on: as memory that
 * is not there (base/memory.h), it ends the program with one line and status 1. */
const struct libav *libav(void);

#ifndef LIBAV_ITSELF
/* clang-format off */
#define av_audio_fifo_alloc             libav()->av_audio_fifo_alloc
#define av_audio_fifo_free              libav()->av_audio_fifo_free
#define av_audio_fifo_read              libav()->av_audio_fifo_read
#define av_audio_fifo_size              libav()->av_audio_fifo_size
#define av_audio_fifo_write             libav()->av_audio_fifo_write
#define av_base64_encode                libav()->av_base64_encode
#define av_channel_layout_compare       libav()->av_channel_layout_compare
#define av_channel_layout_copy          libav()->av_channel_layout_copy
#define av_channel_layout_default       libav()->av_channel_layout_default
#define av_channel_layout_from_mask     libav()->av_channel_layout_from_mask
#define av_channel_layout_uninit        libav()->av_channel_layout_uninit
#define av_crc                          libav()->av_crc
#define av_crc_get_table                libav()->av_crc_get_table
#define av_dict_free                    libav()->av_dict_free
#define av_dict_get                     libav()->av_dict_get
#define av_dict_parse_string            libav()->av_dict_parse_string
#define av_dict_set                     libav()->av_dict_set
#define av_frame_alloc                  libav()->av_frame_alloc
#define av_frame_free                   libav()->av_frame_free
#define av_frame_get_buffer             libav()->av_frame_get_buffer
#define av_frame_move_ref               libav()->av_frame_move_ref
#define av_frame_unref                  libav()->av_frame_unref
#define av_free                         libav()->av_free
#define av_freep                        libav()->av_freep
#define av_get_bytes_per_sample         libav()->av_get_bytes_per_sample
#define av_get_packed_sample_fmt        libav()->av_get_packed_sample_fmt
#define av_log_set_level                libav()->av_log_set_level
#define av_malloc                       libav()->av_malloc
#define av_mallocz                      libav()->av_mallocz
#define av_md5_alloc                    libav()->av_md5_alloc
#define av_md5_final                    libav()->av_md5_final
#define av_md5_init                     libav()->av_md5_init
#define av_md5_update                   libav()->av_md5_update
#define av_opt_set_double               libav()->av_opt_set_double
#define av_opt_set_int                  libav()->av_opt_set_int
#define av_realloc                      libav()->av_realloc
#define av_rescale                      libav()->av_rescale
#define av_rescale_q                    libav()->av_rescale_q
#define av_sample_fmt_is_planar         libav()->av_sample_fmt_is_planar
#define av_samples_copy                 libav()->av_samples_copy
#define av_samples_set_silence          libav()->av_samples_set_silence
#define av_strerror                     libav()->av_strerror
#define swr_alloc_set_opts2             libav()->swr_alloc_set_opts2
#define swr_convert_frame               libav()->swr_convert_frame
#define swr_free                        libav()->swr_free
#define swr_init                        libav()->swr_init
#define av_get_bits_per_sample          libav()->av_get_bits_per_sample
#define av_get_exact_bits_per_sample    libav()->av_get_exact_bits_per_sample
#define av_new_packet                   libav()->av_new_packet
#define av_packet_alloc                 libav()->av_packet_alloc
#define av_packet_free                  libav()->av_packet_free
#define av_packet_free_side_data        libav()->av_packet_free_side_data
#define av_packet_get_side_data         libav()->av_packet_get_side_data
#define av_packet_move_ref              libav()->av_packet_move_ref
#define av_packet_new_side_data         libav()->av_packet_new_side_data
#define av_packet_rescale_ts            libav()->av_packet_rescale_ts
#define av_packet_unref                 libav()->av_packet_unref
#define av_vorbis_parse_frame           libav()->av_vorbis_parse_frame
#define av_vorbis_parse_free            libav()->av_vorbis_parse_free
#define av_vorbis_parse_init            libav()->av_vorbis_parse_init
#define av_vorbis_parse_reset           libav()->av_vorbis_parse_reset
#define avcodec_alloc_context3          libav()->avcodec_alloc_context3
#define avcodec_find_decoder            libav()->avcodec_find_decoder
#define avcodec_find_encoder            libav()->avcodec_find_encoder
#define avcodec_find_encoder_by_name    libav()->avcodec_find_encoder_by_name
#define avcodec_flush_buffers           libav()->avcodec_flush_buffers
#define avcodec_free_context            libav()->avcodec_free_context
#define avcodec_get_name                libav()->avcodec_get_name
#define avcodec_get_supported_config   libav()->avcodec_get_supported_config
#define avcodec_open2                   libav()->avcodec_open2
#define avcodec_parameters_alloc        libav()->avcodec_parameters_alloc
#define avcodec_parameters_copy         libav()->avcodec_parameters_copy
#define avcodec_parameters_free         libav()->avcodec_parameters_free
#define avcodec_parameters_from_context libav()->avcodec_parameters_from_context
#define avcodec_parameters_to_context   libav()->avcodec_parameters_to_context
#define avcodec_receive_frame           libav()->avcodec_receive_frame
#define avcodec_receive_packet          libav()->avcodec_receive_packet
#define avcodec_send_frame              libav()->avcodec_send_frame
#define avcodec_send_packet             libav()->avcodec_send_packet
#define avcodec_version                 libav()->avcodec_version
#define av_find_best_stream             libav()->av_find_best_stream
#define av_find_input_format            libav()->av_find_input_format
#define av_read_frame                   libav()->av_read_frame
#define av_seek_frame                   libav()->av_seek_frame
#define av_write_frame                  libav()->av_write_frame
#define av_write_trailer                libav()->av_write_trailer
#define avformat_alloc_context          libav()->avformat_alloc_context
#define avformat_alloc_output_context2  libav()->avformat_alloc_output_context2
#define avformat_close_input            libav()->avformat_close_input
#define avformat_find_stream_info       libav()->avformat_find_stream_info
#define avformat_free_context           libav()->avformat_free_context
#define avformat_new_stream             libav()->avformat_new_stream
#define avformat_open_input             libav()->avformat_open_input
#define avformat_version                libav()->avformat_version
#define avformat_write_header           libav()->avformat_write_header
#define avio_alloc_context              libav()->avio_alloc_context
#define avio_context_free               libav()->avio_context_free
#define avio_flush                      libav()->avio_flush
#define avio_seek                       libav()->avio_seek
#define avio_write                      libav()->avio_write
/* clang-format on */
#endif

#endif
