import { BlockList, isIP } from 'node:net'

/** Networks outside of the Internet: https://www.iana.org/assignments/iana-ipv4-special-registry */
const specialIPv4: readonly (readonly [network: string, bits: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  // Azure's own service, the same in each of its networks.
  ['168.63.129.16', 32],
]

/**
 * Special networks within the range of the Internet: tunnels, which may lead to any IPv4 address, and documentation.
 */
const specialIPv6: readonly (readonly [network: string, bits: number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
]

/** Prefixes of IPv4 addresses in IPv6: mapped ones, and those of NAT64. */
const ofIPv4 = ['::ffff:', '64:ff9b::']

const internet = new BlockList()
internet.addSubnet('2000::', 3, 'ipv6')

const special = new BlockList()
for (const [network, bits] of specialIPv4) special.addSubnet(network, bits, 'ipv4')
for (const [network, bits] of specialIPv6) special.addSubnet(network, bits, 'ipv6')
for (const prefix of ofIPv4) {
  internet.addSubnet(`${prefix}0.0.0.0`, 96, 'ipv6')
  for (const [network, bits] of specialIPv4) special.addSubnet(`${prefix}${network}`, 96 + bits, 'ipv6')
}

/**
 * Whether an IP address is one of the Internet: not of this machine, its network, its link or its platform.
 *
 * @param address without brackets; a text that is no address is not public
 */
export function isPublicAddress(address: string): boolean {
  const version = isIP(address)
  if (version === 4) return !special.check(address, 'ipv4')
  return version === 6 && internet.check(address, 'ipv6') && !special.check(address, 'ipv6')
}
