/*
 * The floor that any server stands on: datagrams taken and sent back by the same batched calls that
 * Riad uses, with nothing done to them but the QR bit. Usage: echo PORT
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { batch = 64, octets = 4096 };

static char data[batch][octets];
static struct sockaddr_in names[batch];
static struct iovec vectors[batch];
static struct mmsghdr messages[batch];

int main(int count, char **arguments) {
  if (count != 2) return 2;
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  int buffer = 8 << 20;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer);
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(atoi(arguments[1]))};
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(fd, (struct sockaddr *)&here, sizeof here) != 0) return perror("bind"), 1;
  for (int i = 0; i < batch; i++) {
    vectors[i].iov_base = data[i];
    messages[i].msg_hdr.msg_iov = &vectors[i];
    messages[i].msg_hdr.msg_iovlen = 1;
    messages[i].msg_hdr.msg_name = &names[i];
  }
  for (;;) {
    for (int i = 0; i < batch; i++) {
      vectors[i].iov_len = octets;
      messages[i].msg_hdr.msg_namelen = sizeof names[i];
    }
    int received = recvmmsg(fd, messages, batch, MSG_WAITFORONE, NULL);
    for (int i = 0; i < received; i++) {
      vectors[i].iov_len = messages[i].msg_len;
      data[i][2] |= (char)0x80;
    }
    for (int sent = 0; sent < received;) {
      int more = sendmmsg(fd, messages + sent, received - sent, 0);
      sent += more > 0 ? more : 1;
    }
  }
}
