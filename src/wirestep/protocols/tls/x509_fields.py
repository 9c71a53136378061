"""What the fields of certificates are called, how they are written."""

from wirestep.decode.fields import table

from .x509_extensions import USAGES
from .x509_names import FEATURES, VERSIONS

_USAGES = "\n".join(f"x509ce.KeyUsage.{usage} bool {usage}" for usage in USAGES)

CERTIFICATE_FIELDS = table(
    """
ber.header                                  bytes Tag and length
ber.bitstring.padding                       uint  Bits that do not count
x509.other                                  bytes Other content
x509af.Certificate_element                  group Certificate
x509af.signedCertificate_element            group What is signed
x509af.version_element                      group Version
x509af.version                              uint  Version
x509af.serialNumber                         bytes Serial number
x509af.signature_element                    group Signature algorithm
x509af.algorithm.id                         str   Algorithm
x509af.parameters                           bytes Parameters
x509af.issuer                               group Issuer
x509if.rdnSequence                          group Name
x509if.RDNSequence_item                     group Part of the name
x509if.RelativeDistinguishedName_item_element group Attribute
x509if.oid                                  str   Kind
x509sat.uTF8String                          str   Text
x509sat.printableString                     str   Text
x509sat.teletexString                       str   Text
x509sat.iA5String                           str   Text
x509sat.universalString                     str   Text
x509sat.bmpString                           str   Text
x509af.validity_element                     group Validity
x509af.notBefore                            when  Not before
x509af.notAfter                             when  Not after
x509af.subject                              group Subject
x509af.subjectPublicKeyInfo_element         group Public key
x509af.algorithm_element                    group Kind of key
pkcs1.namedCurve                            str   Curve
x509af.subjectPublicKey                     bytes Key
pkcs1.RSAPublicKey_element                  group RSA key
pkcs1.modulus                               bytes Modulus
pkcs1.publicExponent                        bytes Public exponent
x509af.uniqueIdentifier                     bytes Unique identifier
x509af.extensions_element                   group Extensions
x509af.extensions                           group List of extensions
x509af.Extension_element                    group Extension
x509af.extension.id                         str   Extension
x509af.critical                             bool  Critical
x509af.extension.value                      group Value
x509af.extension.data                       bytes Data
x509af.algorithmIdentifier_element          group Signature algorithm
x509af.encrypted                            bytes Signature
x509ce.GeneralNames                         group Names
x509ce.rfc822Name                           str   Mail address
x509ce.dNSName                              str   Host name
x509ce.uniformResourceIdentifier            str   Link
x509ce.iPAddress                            bytes Address
x509ce.directoryName                        group Directory name
x509ce.otherName                            bytes Other name
x509ce.BasicConstraintsSyntax_element       group Basic constraints
x509ce.cA                                   bool  Authority
x509ce.pathLenConstraint                    uint  Authorities that may follow
x509ce.KeyUsage.decipherOnly                bool  decipherOnly
x509ce.KeyUsage.rest                        uint  Unused bits
x509ce.ExtKeyUsageSyntax                    group Purposes
x509ce.KeyPurposeId                         str   Purpose
x509ce.SubjectKeyIdentifier                 bytes Subject key identifier
x509ce.AuthorityKeyIdentifier_element       group Authority key identifier
x509ce.keyIdentifier                        bytes Key identifier
x509ce.authorityCertIssuer                  group Issuer of the authority's certificate
x509ce.authorityCertSerialNumber            bytes Serial number of the authority's certificate
x509ce.CRLDistPointsSyntax                  group Revocation lists
x509ce.DistributionPoint_element            group Place of a list
x509ce.distributionPoint                    group Place
x509ce.fullName                             group Full name
pkix1implicit.AuthorityInfoAccessSyntax     group Services of the authority
pkix1implicit.AccessDescription_element     group Service
pkix1implicit.accessMethod                  str   Kind of service
x509ce.CertificatePoliciesSyntax            group Policies
x509ce.PolicyInformation_element            group Policy
x509ce.policyIdentifier                     str   Policy
x509ce.policyQualifiers                     group Qualifiers
x509ce.PolicyQualifierInfo_element          group Qualifier
x509ce.policyQualifierId                    str   Kind of qualifier
x509ce.qualifier                            bytes Qualifier
x509ce.Features_list                        group Features
x509ce.Features                             uint  Feature
"""
    + _USAGES
    + "\n",
    {"x509af.version": VERSIONS, "x509ce.Features": FEATURES},
)
