import { expect, test } from 'vitest'
import { isPublicAddress } from '../../functions/public-address.ts'

test.each([
  ['8.8.8.8', 'an address of the Internet'],
  ['172.32.0.1', 'behind a private range'],
  ['100.128.0.1', 'behind the range of carriers'],
  ['2606:4700::1111', 'IPv6'],
  ['::ffff:8.8.8.8', 'mapped into IPv6'],
  ['64:ff9b::808:808', 'as NAT64 reaches it'],
])('%s is public: %s', (address) => {
  expect(isPublicAddress(address)).toBe(true)
})

test.each([
  ['0.0.0.0', 'this machine'],
  ['127.255.0.1', 'loopback'],
  ['10.0.0.1', 'private'],
  ['172.31.255.255', 'private'],
  ['192.168.1.1', 'private'],
  ['100.100.100.200', 'the range of carriers, and the metadata of Alibaba Cloud'],
  ['169.254.169.254', 'link-local, and metadata nearly everywhere'],
  ['192.0.0.192', 'protocol assignments, and the metadata of Oracle Cloud'],
  ['168.63.129.16', 'the host of an Azure machine'],
  ['224.0.0.1', 'multicast'],
  ['255.255.255.255', 'broadcast'],
  ['::', 'this machine'],
  ['::1', 'loopback'],
  ['fe80::1', 'link-local'],
  ['fe80::1%eth0', 'link-local, with its zone'],
  ['fd00:ec2::254', 'unique local, and the metadata of AWS'],
  ['fec0::1', 'site-local'],
  ['ff02::1', 'multicast'],
  ['::127.0.0.1', 'IPv4-compatible'],
  ['::ffff:127.0.0.1', 'mapped'],
  ['::ffff:a9fe:a9fe', 'mapped, in hexadecimal'],
  ['::ffff:0:127.0.0.1', 'translated'],
  ['64:ff9b::10.0.0.1', 'NAT64'],
  ['64:ff9b:1::10.0.0.1', 'NAT64 of a network of its own'],
  ['2002:7f00:1::', '6to4'],
  ['2001:0:4136:e378::', 'Teredo'],
  ['2001:db8::1', 'documentation'],
  ['127.1', 'no address'],
  ['localhost', 'no address'],
  ['', 'no address'],
])('%s is not public: %s', (address) => {
  expect(isPublicAddress(address)).toBe(false)
})
