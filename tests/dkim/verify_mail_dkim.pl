# Check signatures with Mail::DKIM, a line a mail.
# In: `record mail` in base64, a blank between. Out: `pass` or `fail`, of the newest signature.
use strict;
use warnings;
use MIME::Base64;
use Mail::DKIM::Verifier;
use Net::DNS::RR;

my $record = '';
{
    no warnings 'redefine';
    *Mail::DKIM::DNS::query = sub {
        my ($domain) = @_;
        return Net::DNS::RR->new( owner => $domain, type => 'TXT', txtdata => [$record] );
    };
}
$| = 1;
while ( my $line = <STDIN> ) {
    my ( $key, $mail ) = split ' ', $line;
    $record = decode_base64($key);
    my $verifier = Mail::DKIM::Verifier->new();
    $verifier->PRINT( decode_base64($mail) );
    $verifier->CLOSE();
    my @signatures = $verifier->signatures();
    print( ( @signatures && $signatures[0]->result() eq 'pass' ) ? "pass\n" : "fail\n" );
}
