/** Record data of every type as text, with the wire form in hexadecimal where an RFC or a peer gave it. */
type Example = readonly [text: string, hex?: string];

const digest32 = '0123456789ABCDEF'.repeat(4);
const digest48 = '0123456789ABCDEF'.repeat(6);
const key =
  'AQPSKmynfzW4kyBv015MUG2DeIQ3Cbl+BBZH4b/0PY1kxkmvHjcZc8nokfzj31GajIQKY+5CptLr3buXA10hWqTkF7H6RfoRqXQeogmMHfpftf6zMv1LyBUgia7za6ZEzOJBOztyvhjL742iU/TpPSEDhm2SNKLijfUppn1UaNvv4w==';

export const examples: ReadonlyMap<string, readonly Example[]> = new Map<string, Example[]>([
  [
    'A',
    [
      ['192.0.2.1', 'c0000201'],
      ['0.0.0.0', '00000000'],
      ['255.255.255.255', 'ffffffff'],
    ],
  ],
  ['NS', [['ns1', '036e7331 076578616d706c65 00'], ['Ns.Example.COM.'], ['.']]],
  ['MD', [['mail.example.']]],
  ['MF', [['mail.example.']]],
  ['CNAME', [['target.example.'], ['\\000\\255\\.\\@.example.', '0400ff2e40 076578616d706c65 00']]],
  [
    'SOA',
    [
      ['ns.example. hostmaster.example. 2026112301 3600 900 1209600 300'],
      ['ns hostmaster ( 4294967295 1h 15m 2w 1h30m )'],
      ['@ . 0 0 0 0 0', '076578616d706c6500 00 00000000 00000000 00000000 00000000 00000000'],
    ],
  ],
  ['MB', [['host.example.']]],
  ['MG', [['member.example.']]],
  ['MR', [['new.example.']]],
  [
    'WKS',
    [
      ['192.0.2.1 6 25 53 80', 'c0000201 06 00000040 00000400 000080'],
      ['192.0.2.1 TCP smtp domain http', 'c0000201 06 00000040 00000400 000080'],
      ['192.0.2.1 17'],
    ],
  ],
  ['PTR', [['host.example.']]],
  [
    'HINFO',
    [
      ['"VAX-11/780" UNIX', '0a5641582d31312f373830 04554e4958'],
      ['"" ""', '0000'],
    ],
  ],
  ['MINFO', [['owner.example. errors.example.']]],
  [
    'MX',
    [
      ['10 mail', '000a 046d61696c 076578616d706c65 00'],
      ['0 .', '000000'],
    ],
  ],
  [
    'TXT',
    [
      ['"a" "b"', '01610162'],
      ['""', '00'],
      ['plain text', '05706c61696e0474657874'],
      ['"semi;colon \\"quoted\\" \\\\ \\000\\255 (x)"'],
      [`"${'x'.repeat(255)}" "${'y'.repeat(255)}"`],
    ],
  ],
  ['RP', [['louie.trantor.umd.edu. LAM1.people.umd.edu.']]],
  ['AFSDB', [['1 toaster.example.', '0001 07746f6173746572 076578616d706c65 00']]],
  ['X25', [['311061700956', '0c 333131303631373030393536']]],
  [
    'ISDN',
    [['150862028003217 004', '0f 313530383632303238303033323137 03 303034'], ['150862028003217']],
  ],
  ['RT', [['2 relay.prime.com.']]],
  [
    'NSAP',
    [
      [
        '0x47.0005.80.005a00.0000.0001.e133.ffffff000161.00',
        '47000580005a0000000001e133ffffff00016100',
      ],
    ],
  ],
  ['NSAP-PTR', [['foo.example.']]],
  ['SIG', [[`A 5 2 3600 20030322173103 20030220173103 2642 example. ${key}`]]],
  ['KEY', [[`256 3 5 ${key}`], [`0 DNSSEC RSASHA1 ${key}`], ['49152 3 0', 'c0000300']]],
  ['PX', [['10 net2.it. PRMD-net2.ADMD-p400.C-it.']]],
  ['GPOS', [['116.8652 -32.6882 10.0', '083131362e38363532 082d33322e36383832 0431302e30']]],
  [
    'AAAA',
    [
      ['2001:db8::1', '20010db8000000000000000000000001'],
      ['::', '00000000000000000000000000000000'],
      ['::ffff:192.0.2.1', '00000000000000000000ffffc0000201'],
      ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
      ['1:0:0:2::3', '00010000000000020000000000000003'],
    ],
  ],
  [
    'LOC',
    [
      // RFC 1876 §4
      ['42 21 54 N 71 06 18 W -24m 30m', '00331613 89172dd0 70be15f0 00988d20'],
      ['42 21 43.952 N 71 5 6.344 W -24m 1m 200m'],
      ['52 14 05 N 00 08 50 E 10m'],
      ['32 7 19 S 116 2 25 E 10m'],
      ['90 S 180 W -100000.00m 0.00m 90000000.00m 0.05m'],
      ['0 0 0.001 N 0 59 59.999 E 42849672.95m'],
    ],
  ],
  [
    'NXT',
    [['host.example. A MX SIG NXT', '04686f7374 076578616d706c65 00 40010082'], ['host.example.']],
  ],
  ['EID', [['E32C6F78163A9348']]],
  ['NIMLOC', [['32251A030067']]],
  ['SRV', [['0 5 5060 sip', '0000 0005 13c4 03736970 076578616d706c65 00'], ['0 0 0 .']]],
  [
    'ATMA',
    [
      ['+61200000000', '01 3631323030303030303030'],
      ['39.246f.000e7c9c031200010001.000012345678.00'],
    ],
  ],
  [
    'NAPTR',
    [
      // RFC 3403 §6.2
      ['100 50 "a" "z3950+N2L+N2C" "" cidserver.example.com.'],
      ['100 10 "u" "sip+E2U" "!^.*$!sip:info@example.com!" .'],
    ],
  ],
  ['KX', [['10 kx.example.']]],
  [
    'CERT',
    [['PKIX 1 RSASHA256 AQNRU3mG', '0001 0001 08 010351537986'], ['254 65535 PRIVATEOID AQNRU3mG']],
  ],
  [
    'A6',
    [
      ['0 2001:db8::1', '00 20010db8000000000000000000000001'],
      [
        '64 ::1234:5678:9abc:def0 SUBNET-1.IP6',
        '40 123456789abcdef0 085355424e45542d31 03495036 076578616d706c65 00',
      ],
      ['128 host.example.'],
      ['61 ::7:0:0:0:1 host.example.'],
    ],
  ],
  ['DNAME', [['target.example.']]],
  [
    'SINK',
    [
      ['1 0 0 Zm9v', '010000666f6f'],
      ['8 1 2', '080102'],
    ],
  ],
  [
    'APL',
    [
      // RFC 3123 §6
      ['1:192.168.32.0/21 !1:192.168.38.0/28', '0001 15 03 c0a820 0001 1c 83 c0a826'],
      ['1:224.0.0.0/4 2:FF00:0:0:0:0:0:0:0/8', '0001 04 01 e0 0002 08 01 ff'],
      ['1:0.0.0.0/0 2:2001:db8::/32'],
      ['', ''],
    ],
  ],
  [
    'DS',
    [
      // RFC 4034 §5.4
      [
        '60485 5 1 ( 2BB183AF5F22588179A53B0A 98631FAD1A292118 )',
        'ec45 05 01 2bb183af5f22588179a53b0a98631fad1a292118',
      ],
      [`12345 ECDSAP256SHA256 SHA-256 ${digest32}`],
      ['1 253 200 AB'],
    ],
  ],
  [
    'SSHFP',
    [
      [
        '2 1 123456789abcdef67890123456789abcdef67890',
        '0201 123456789abcdef67890123456789abcdef67890',
      ],
    ],
  ],
  [
    'IPSECKEY',
    [
      // RFC 4025 §3.2
      ['10 1 2 192.0.2.38 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ=='],
      ['10 0 2 . AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ=='],
      ['10 3 2 mygateway.example.com. AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ=='],
      ['10 2 2 2001:0DB8:0:8002::2000:1 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ=='],
      ['10 0 0 .', '0a0000'],
    ],
  ],
  [
    'RRSIG',
    [
      // RFC 4034 §3.3
      [
        'A 5 3 86400 20030322173103 ( 20030220173103 2642 example.com. oJB1W6WNGv+ldvQ3WDG0MQkg5IEhjRip8WTrPYGv07h108dUKGMeDPKijVCHX3DDKdfb+v6oB9wfuh3DTJXUAfI/M0zmO/zz8bW0Rznl8O3tGNazPwQKkRN20XPXV6nwwfoXmJQbsLNrLfkGJ5D6fwFm8nN+6pBzeDQfsS3Ap3o= )',
      ],
      [
        'TYPE65280 255 0 0 4294967295 0 65535 . AA==',
        'ff00 ff 00 00000000 ffffffff 00000000 ffff 00 00',
      ],
    ],
  ],
  [
    'NSEC',
    [
      // RFC 4034 §4.3
      [
        'host.example.com. ( A MX RRSIG NSEC TYPE1234 )',
        '04686f7374 076578616d706c65 03636f6d 00 0006400100000003 041b 0000000000000000000000000000000000000000000000000000 20',
      ],
    ],
  ],
  ['DNSKEY', [[`256 3 5 ${key}`], ['257 3 ED25519 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=']]],
  ['DHCID', [['AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA=']]],
  [
    'NSEC3',
    [
      // RFC 5155 Appendix A
      [
        '1 1 12 aabbccdd ( 2t7b4g4vsa5smi47k61mv5bv1a22bojr MX DNSKEY NS SOA NSEC3PARAM RRSIG )',
        '01 01 000c 04 aabbccdd 14 174eb2409fe28bcb4887a1836f957f0a8425e27b 0007 22010000000290',
      ],
      ['1 0 0 - 2t7b4g4vsa5smi47k61mv5bv1a22bojr'],
    ],
  ],
  [
    'NSEC3PARAM',
    [
      ['1 0 12 aabbccdd', '0100000c04aabbccdd'],
      ['1 0 0 -', '0100000000'],
    ],
  ],
  [
    'TLSA',
    [
      [`3 1 1 ${digest32}`],
      ['0 0 1 ( d2abde240d7cd3ee6b4b28c54df034b9 7983a1d16e8a410e4561cb106618e971 )'],
    ],
  ],
  ['SMIMEA', [[`3 1 1 ${digest32}`]]],
  [
    'HIP',
    [
      // RFC 8005 §6
      [
        '2 200100107B1A74DF365639CC39F1D578 AwEAAbdxyhNuSutc5EMzxTs9LBPCIkOFH8cIvM4p9+LrV4e19WzK00+CI6zBCQTdtWsuxKbWIy87UOoJTwkUs7lBu+Upr1gsNrut79ryra+bSRGQb1slImA8YVJyuIDsj7kwzG7jnERNqnWxZ48AWkskmdHaVDP4BcelrTI3rMXdXF5D rvs1.example.com. rvs2.example.com.',
      ],
      ['1 AB AQI=', '01 01 0002 ab 0102'],
    ],
  ],
  ['NINFO', [['"a" "b"']]],
  ['RKEY', [[`0 255 1 ${key}`]]],
  ['TALINK', [['. next.example.']]],
  ['CDS', [[`60485 13 2 ${digest32}`], ['0 0 0 00', '0000000000']]],
  ['CDNSKEY', [[`257 3 13 ${key}`], ['0 3 0 AA==', '0000030000']]],
  ['OPENPGPKEY', [[key]]],
  [
    'CSYNC',
    [
      // RFC 7477 §2.1.2
      ['66 3 A NS AAAA', '00000042 0003 0004 60000008'],
      ['0 0', '000000000000'],
    ],
  ],
  [
    'ZONEMD',
    [
      // RFC 8976 Appendix A.1
      [
        '2018031900 1 1 ( c68090d90a7aed716bc459f9340e3d7c1370d4d24b7e2fc3 a1ddc0b9a87153b9a9713b3c9ae5cc27777f98b8e730044c )',
      ],
      [`1 1 240 ${digest48.slice(0, 24)}`],
    ],
  ],
  ['SVCB', [['0 foo.example.com.', '0000 03666f6f 076578616d706c65 03636f6d 00']]],
  ['HTTPS', [['1 . alpn=h2,h3 port=8443 ipv4hint=192.0.2.1 ech="AEX+DQ==" ipv6hint=2001:db8::1']]],
  [
    'DSYNC',
    [
      [
        'CDS NOTIFY 5359 cds-scanner.example.net.',
        '003b 01 14ef 0b6364732d7363616e6e6572 076578616d706c65 036e6574 00',
      ],
    ],
  ],
  ['HHIT', [['AQIDBA==', '01020304']]],
  ['BRID', [['AQIDBA==', '01020304']]],
  ['SPF', [['"v=spf1 -all"']]],
  ['NID', [['10 0014:4fff:ff20:ee64', '000a 00144fffff20ee64']]],
  ['L32', [['10 10.1.2.0', '000a 0a010200']]],
  ['L64', [['10 2001:0DB8:1140:1000', '000a 20010db811401000']]],
  ['LP', [['10 l64-subnet1.example.com.']]],
  ['EUI48', [['00-00-5e-00-53-2a', '00005e00532a']]],
  ['EUI64', [['00-00-5e-ef-10-00-00-2a', '00005eef1000002a']]],
  ['TKEY', [['gss-tsig. 20030220173103 20030322173103 3 BADSIG 4 AQIDBA== 0']]],
  ['TSIG', [['hmac-sha256. 1123456789012 300 4 AQIDBA== 4660 BADTIME 6 AQIDBAUG']]],
  [
    'URI',
    [
      [
        '10 1 "ftp://ftp1.example.com/public"',
        '000a 0001 6674703a2f2f667470312e6578616d706c652e636f6d2f7075626c6963',
      ],
    ],
  ],
  [
    'CAA',
    [
      ['0 issue "ca1.example.net"', '00 05 6973737565 6361312e6578616d706c652e6e6574'],
      ['1 issuewild ";"', '01 09 697373756577696c64 3b'],
      ['128 tbs "Unknown; policy=ev"'],
      ['0 issue ""', '00 05 6973737565'],
    ],
  ],
  ['AVC', [['"app-name:WOLFGANG|app-class:OAM"']]],
  ['DOA', [['0 1 2 "" aHR0cHM6Ly93d3cuaXNjLm9yZy8='], ['1234567890 1234567890 1 "image/gif" -']]],
  [
    'AMTRELAY',
    [
      // RFC 8777 §4.3
      ['10 0 1 203.0.113.15', '0a01cb00710f'],
      ['10 0 2 2001:db8::15', '0a02 20010db8000000000000000000000015'],
      ['128 1 3 amtrelays.example.com.', '8083 09616d7472656c617973 076578616d706c65 03636f6d 00'],
      ['10 0 0 .', '0a00'],
    ],
  ],
  ['RESINFO', [['qnamemin exterr=15,16,17 infourl=https://resolver.example.com/guide']]],
  ['WALLET', [['"BTC" "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"']]],
  ['TA', [[`60485 5 2 ${digest32}`]]],
  ['DLV', [[`60485 5 2 ${digest32}`]]],
]);
