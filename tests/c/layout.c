/* Prints the layout of every public struct as C sees it. tests/c.sh compares
 * it with tests/abi/layout.txt; a Rust test compares Rust with the same file. */
#include <bojagi.h>
#include <stddef.h>
#include <stdio.h>

#define STRUCT(type) \
    printf("%s %lu\n", #type, (unsigned long)sizeof(type))
#define MEMBER(type, member) \
    printf("%s.%s %lu\n", #type, #member, (unsigned long)offsetof(type, member))

int main(void)
{
    STRUCT(bojagi_error);
    MEMBER(bojagi_error, size);
    MEMBER(bojagi_error, code);
    MEMBER(bojagi_error, stage);
    MEMBER(bojagi_error, os_error);
    MEMBER(bojagi_error, offset);
    MEMBER(bojagi_error, attempts);
    MEMBER(bojagi_error, message);
    STRUCT(bojagi_address);
    MEMBER(bojagi_address, len);
    MEMBER(bojagi_address, storage);
    STRUCT(bojagi_connect_options);
    MEMBER(bojagi_connect_options, size);
    MEMBER(bojagi_connect_options, flags);
    MEMBER(bojagi_connect_options, cancel);
    STRUCT(bojagi_listen_options);
    MEMBER(bojagi_listen_options, size);
    MEMBER(bojagi_listen_options, flags);
    MEMBER(bojagi_listen_options, cancel);
    MEMBER(bojagi_listen_options, backlog);
    STRUCT(bojagi_span);
    MEMBER(bojagi_span, off);
    MEMBER(bojagi_span, len);
    STRUCT(bojagi_fault);
    MEMBER(bojagi_fault, reason);
    MEMBER(bojagi_fault, status);
    MEMBER(bojagi_fault, offset);
    STRUCT(bojagi_field);
    MEMBER(bojagi_field, name_off);
    MEMBER(bojagi_field, name_len);
    MEMBER(bojagi_field, id);
    MEMBER(bojagi_field, value_off);
    MEMBER(bojagi_field, value_len);
    STRUCT(bojagi_field_line);
    MEMBER(bojagi_field_line, name);
    MEMBER(bojagi_field_line, name_len);
    MEMBER(bojagi_field_line, value);
    MEMBER(bojagi_field_line, value_len);
    MEMBER(bojagi_field_line, id);
    STRUCT(bojagi_rules);
    MEMBER(bojagi_rules, start_line_max);
    MEMBER(bojagi_rules, field_bytes_max);
    MEMBER(bojagi_rules, field_count_max);
    MEMBER(bojagi_rules, trailer_bytes_max);
    MEMBER(bojagi_rules, trailer_count_max);
    MEMBER(bojagi_rules, chunk_extension_max);
    MEMBER(bojagi_rules, body_max);
    MEMBER(bojagi_rules, flags);
    STRUCT(bojagi_head);
    MEMBER(bojagi_head, content_length);
    MEMBER(bojagi_head, length);
    MEMBER(bojagi_head, field_count);
    MEMBER(bojagi_head, method);
    MEMBER(bojagi_head, target);
    MEMBER(bojagi_head, reason_phrase);
    MEMBER(bojagi_head, status);
    MEMBER(bojagi_head, version);
    MEMBER(bojagi_head, method_id);
    MEMBER(bojagi_head, framing);
    MEMBER(bojagi_head, target_form);
    MEMBER(bojagi_head, flags);
    MEMBER(bojagi_head, fault);
    STRUCT(bojagi_body);
    MEMBER(bojagi_body, remaining);
    MEMBER(bojagi_body, total);
    MEMBER(bojagi_body, offset);
    MEMBER(bojagi_body, span_count);
    MEMBER(bojagi_body, framing);
    MEMBER(bojagi_body, state);
    MEMBER(bojagi_body, fault);
    STRUCT(bojagi_connection);
    MEMBER(bojagi_connection, outgoing_left);
    MEMBER(bojagi_connection, fault);
    MEMBER(bojagi_connection, awaiting);
    MEMBER(bojagi_connection, peer_version);
    STRUCT(bojagi_range);
    MEMBER(bojagi_range, first);
    MEMBER(bojagi_range, last);
    STRUCT(bojagi_date);
    MEMBER(bojagi_date, second);
    MEMBER(bojagi_date, text);
    STRUCT(bojagi_buffer);
    MEMBER(bojagi_buffer, data);
    MEMBER(bojagi_buffer, cap);
    MEMBER(bojagi_buffer, start);
    MEMBER(bojagi_buffer, body);
    MEMBER(bojagi_buffer, trailers);
    MEMBER(bojagi_buffer, next);
    MEMBER(bojagi_buffer, end);
    STRUCT(bojagi_iovec);
    MEMBER(bojagi_iovec, data);
    MEMBER(bojagi_iovec, len);
    STRUCT(bojagi_frame_format);
    MEMBER(bojagi_frame_format, size);
    MEMBER(bojagi_frame_format, kind);
    MEMBER(bojagi_frame_format, limit);
    MEMBER(bojagi_frame_format, flags);
    MEMBER(bojagi_frame_format, delimiter_len);
    MEMBER(bojagi_frame_format, delimiter);
    STRUCT(bojagi_frame);
    MEMBER(bojagi_frame, off);
    MEMBER(bojagi_frame, len);
    MEMBER(bojagi_frame, searched);
    return 0;
}
